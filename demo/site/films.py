"""The films: made by ffmpeg when they are first needed, each as long as its programme says."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from demo.errors import DemoError
from pipeline.rules.programme import Resource

SIZE, RATE = "640x360", 5
COLOURS = ("0x0b4a8f", "0x6b3fa0", "0x0f6b4f", "0x8a3b12", "0x3a4a5a")
LETTERS = "Noto Sans CJK SC"


def require_ffmpeg() -> None:
    """Raises:
    DemoError: there is no ffmpeg.
    """
    if shutil.which("ffmpeg") is None:
        raise DemoError("the videos are made by ffmpeg, which is not there: run `make browser`, "
                        "or install ffmpeg and fonts-noto-cjk")


class Films:
    """The films in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, of: Resource) -> Path:
        return self._folder / f"film-{of.id.replace(':', '_')}-{of.duration_ms // 1000}s.webm"

    def make(self, resources: Iterable[Resource]) -> None:
        """Make those that are not there yet.

        Raises:
            DemoError: ffmpeg is not there or fails.
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(resources):
            if not self.path(one).exists():
                require_ffmpeg()
                _make(self.path(one), one, COLOURS[number % len(COLOURS)])


def _make(path: Path, of: Resource, colour: str) -> None:
    """Whole or not at all."""
    title, aside = path.with_suffix(".txt"), path.with_suffix(".part")
    title.write_text(of.title, "utf-8")
    done = subprocess.run(_command(title, aside, of.duration_ms // 1000, colour),
                          capture_output=True, text=True, check=False)
    title.unlink()
    if done.returncode:
        said = (done.stderr.strip() or "it does not say why").splitlines()[-1]
        raise DemoError(f"ffmpeg cannot make {path}: {said}")
    aside.replace(path)


def _command(title: Path, into: Path, seconds: int, colour: str) -> list[str]:
    """A key frame every two seconds, so that seeking is quick. The sound is a tick a second:
    browsers stop a film without sound in a tab that is not looked at.
    """
    tick = "0.08*sin(2*PI*880*t)*lt(mod(t\\,1)\\,0.03)"
    return [
        "ffmpeg", "-loglevel", "error", "-nostdin", "-y",
        "-f", "lavfi", "-i", f"color=c={colour}:size={SIZE}:rate={RATE}:duration={seconds}",
        "-f", "lavfi", "-i", f"aevalsrc={tick}:sample_rate=48000:duration={seconds}",
        "-vf", _picture(title, seconds), "-c:v", "libvpx", "-b:v", "200k", "-g", str(2 * RATE),
        "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-b:a", "24k",
        "-f", "webm", str(into)]


def _picture(title: Path, seconds: int) -> str:
    """The title, the second that is shown, how many there are, and a bar that grows."""
    font = f"font='{LETTERS}':fontcolor=white"
    return ",".join((
        f"drawtext={font}:fontsize=30:textfile='{title}':x=(w-tw)/2:y=44",
        f"drawtext={font}:fontsize=120:text='%{{eif\\:t\\:d}}':x=(w-tw)/2:y=(h-th)/2",
        f"drawtext={font}:fontsize=24:text='共 {seconds} 秒':x=(w-tw)/2:y=h-84",
        "drawbox=x=40:y=ih-34:w=iw-80:h=8:color=white@0.25:t=fill",
        f"drawtext={font}:fontsize=28:text='●':x=40+(w-80)*t/{seconds}-tw/2:y=h-30-th/2",
    ))
