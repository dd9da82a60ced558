"""The processes of the path, started as their own commands, watched, and stopped again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

STOP_PATIENCE_S = 15.0
TAIL_LINES = 5


class ProcessError(Exception):
    """A process ended, or did not become ready; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Process:
    """One running command of `xueshi` with its log file."""

    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    def require_running(self) -> None:
        """Raises ProcessError if it has ended."""
        if (code := self.popen.poll()) is not None:
            raise ProcessError(f"{self.name} ended with exit code {code}:\n{self._tail()}")

    def wait_ready(self, url: str, patience_s: float = 60.0) -> None:
        """Wait until `url` answers anything but a 5xx; ProcessError when it never does."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self.require_running()
            if _answers(url):
                return
            time.sleep(0.2)
        raise ProcessError(f"{self.name} is not ready after {patience_s:.0f} s:\n{self._tail()}")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it does not go."""
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            self.popen.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0).status_code < 500
    except httpx.HTTPError:
        return False


@contextmanager
def running(
    names: list[str], environment: Mapping[str, str], logs: Path
) -> Iterator[list[Process]]:
    """Start `xueshi NAME` for each name; all are stopped at the end, the first one first."""
    logs.mkdir(parents=True, exist_ok=True)
    started: list[Process] = []
    try:
        for name in names:
            started.append(_start(name, environment, logs / f"{name}.log"))
        yield started
    finally:
        for process in started:
            process.stop()


def _start(name: str, environment: Mapping[str, str], log: Path) -> Process:
    command = [sys.executable, "-m", "pipeline", *name.split()]
    with log.open("wb") as output:
        popen = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT,
                                 env={**os.environ, **environment})
    return Process(name, log, popen)
