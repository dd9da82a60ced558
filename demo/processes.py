"""The processes of the path, started as their own commands, watched, and stopped again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.leash import Leash, leashed

STOP_PATIENCE_S = 15.0
TAIL_BYTES = 4096
NOTHING: Mapping[str, Mapping[str, str]] = {}
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcessError(Exception):
    """A process ended, or did not become ready; the message has the end of its log, one line."""


@dataclass(frozen=True, slots=True)
class Process:
    """One running command of `xueshi` with its log file."""

    name: str
    log: Path
    popen: subprocess.Popen[bytes]

    def require_running(self) -> None:
        """Raises ProcessError if it has ended."""
        if (code := self.popen.poll()) is not None:
            raise ProcessError(f"{self.name} {_ended(code)}: its log is {self.log}{self._last()}")

    def wait_ready(self, url: str, patience_s: float = 60.0) -> None:
        """Wait until `url` answers anything but a 5xx; ProcessError when it never does."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self.require_running()
            if answers(url):
                return
            time.sleep(0.2)
        raise ProcessError(f"{self.name} is not ready after {patience_s:.0f} s: "
                           f"its log is {self.log}{self._last()}")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it does not go."""
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            self.popen.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def _last(self) -> str:
        """The log's last line that says something, which for an error is the error."""
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
        return next((f", which ends: {line.strip()}" for line in reversed(lines) if line.strip()),
                    ", which is empty")


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was killed by {signal.Signals(-code).name}"


def answers(url: str) -> bool:
    """Whether there is an answer, other than a 5xx."""
    try:  # over loopback without TLS: reading all its authorities would be most of a look's work
        return httpx.get(url, timeout=2.0, verify=False).status_code < 500
    except httpx.HTTPError:
        return False


@contextmanager
def running(
    names: Sequence[str], environment: Mapping[str, str], logs: Path, leash: Leash | None = None,
    own: Mapping[str, Mapping[str, str]] = NOTHING,
) -> Iterator[list[Process]]:
    """Start `xueshi NAME` for each name; all are stopped at the end, the first one first.
    `own`: what only the process of a name is told, beside `environment`.

    A Ctrl-C reaches this process alone, which then ends them in order. If it is killed, the
    leash (by default one of their own) ends them.
    """
    if leash is None:
        with leashed() as mine, running(names, environment, logs, mine, own) as started:
            yield started
        return
    logs.mkdir(parents=True, exist_ok=True)
    processes: list[Process] = []
    try:
        for name in names:
            with _undisturbed():
                told = {**environment, **own.get(name, {})}
                processes.append(_start(name, told, logs / f"{name}.log"))
                leash.hold(processes[-1].popen.pid)
        yield processes
    finally:
        for process in processes:
            process.stop()


def _start(name: str, environment: Mapping[str, str], log: Path) -> Process:
    command = [sys.executable, "-m", "pipeline", *name.split()]
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **environment}, start_new_session=True)
    return Process(name, log, popen)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A Ctrl-C waits for a moment: between a start and its entry in the list it would leave a
    process that nobody knows of.
    """
    if threading.current_thread() is not threading.main_thread():  # nothing disturbs others
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number))
              for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for one in came[:1]:
        signal.raise_signal(one)
