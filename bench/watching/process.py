"""An engine as a process: started, waited for, and what it cost from its start to its end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from demo.leash import leashed

TICK_S = 0.2
ASK_S = 1.0
TAIL_BYTES = 2000

Question = Callable[[], bool]


class Command(NamedTuple):
    """`environment`: beside that of this process."""

    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", errors="replace")[-TAIL_BYTES:].strip()


class Cost(NamedTuple):
    """User and system seconds of the process and of the children it has reaped; `memory_mb`: the
    most that was resident in MiB, of all its processes together. `until_ready_s`: CPU seconds
    until it was ready, 0 where nobody can tell.
    """

    code: int
    wall_s: float
    user_s: float
    system_s: float
    memory_mb: float
    until_ready_s: float = 0.0

    @property
    def cpu_s(self) -> float:
        return self.user_s + self.system_s


@dataclass(slots=True)
class Running:
    """An engine that runs; moments are of time.monotonic."""

    popen: "subprocess.Popen[bytes]"
    began: float
    memory: int = 0
    until_ready_s: float = 0.0

    def ended(self) -> Cost | None:
        """What it cost, once, when it has ended."""
        pid, status, used = os.wait4(self.popen.pid, os.WNOHANG)
        if not pid:
            return None
        self.popen.returncode = os.waitstatus_to_exitcode(status)
        return Cost(self.popen.returncode, time.monotonic() - self.began, used.ru_utime,
                    used.ru_stime, self.memory / 2**20, self.until_ready_s)

    def watch(self) -> None:
        """See how much memory it has by now. The most that rusage has would be wrong: it begins
        with what this process had when it started the other.
        """
        with suppress(psutil.Error, OSError, IndexError):  # it may just be ending
            together = sum(one.memory_info().rss for one in self._tree())
            self.memory = max(self.memory, together, _peak(self.popen.pid))

    def ready(self) -> None:
        """Note what it has used up to now."""
        with suppress(psutil.Error):
            self.until_ready_s = sum(sum(one.cpu_times()[:2]) for one in self._tree())

    def _tree(self) -> list[psutil.Process]:
        first = psutil.Process(self.popen.pid)
        return [first, *first.children(recursive=True)]


def _peak(pid: int) -> int:
    """The most bytes that were ever resident of this process alone."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def run(
    command: Command, patience_s: float, is_over: Question | None = None,
    is_ready: Question | None = None, end: signal.Signals = signal.SIGTERM,
) -> Cost:
    """Run it to its end. Where it cannot end by itself, `is_over` says when it has done all, and
    it is sent `end`, once it `is_ready`. What runs after `patience_s` is killed.
    """
    with _started(command) as running:
        asked = running.began
        while (cost := running.ended()) is None:
            running.watch()
            if is_ready is not None and is_ready():
                running.ready()
                is_ready = None
            if is_ready is None and is_over is not None and time.monotonic() > asked + ASK_S:
                asked = time.monotonic()
                if is_over():
                    running.popen.send_signal(end)
                    is_over = None
            if time.monotonic() > running.began + patience_s:
                running.popen.kill()
            time.sleep(TICK_S)
        return cost


@contextmanager
def _started(command: Command) -> Iterator[Running]:
    """Nothing of it is left after the block, nor if this process is killed."""
    with command.log.open("wb") as out, leashed() as leash:
        popen = subprocess.Popen(
            command.argv, cwd=command.folder, env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        leash.hold(popen.pid)
        try:
            yield Running(popen, time.monotonic())
        finally:
            with suppress(ProcessLookupError):
                os.killpg(popen.pid, signal.SIGKILL)
            if popen.returncode is None:
                popen.wait()
