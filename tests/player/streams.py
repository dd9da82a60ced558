"""Films as players of other makers want them: HLS, and the same in one MP4 file."""

import subprocess
from pathlib import Path

# Films are told apart by how wide they are; "large" is "a" in another quality.
WIDTHS = {"a": 160, "large": 320, "b": 176}
PACKAGES = {
    "video": "video.js/dist/video.min.js",
    "hls": "hls.js/dist/hls.min.js",
    "plyr": "plyr/dist/plyr.min.js",
}
SEGMENT_S = 2
LIST = "index.m3u8"
FILE = "film.mp4"


def make_stream(folder: Path, width: int, seconds: int = 30) -> Path:
    """A moving picture of that width with a tone, in H.264 and AAC; the folder."""
    folder.mkdir()
    subprocess.run([
        "ffmpeg", "-loglevel", "error",
        "-f", "lavfi", "-i", f"testsrc=size={width}x90:rate=25:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod",
        str(folder / LIST),
    ], check=True)
    subprocess.run([
        "ffmpeg", "-loglevel", "error", "-i", str(folder / LIST), "-c", "copy",
        "-bsf:a", "aac_adtstoasc", "-movflags", "faststart", str(folder / FILE)], check=True)
    return folder
