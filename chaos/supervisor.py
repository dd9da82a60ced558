"""Keeps processes running as systemd would, and notes every end: who, why, its last line.

A process that ends is started again after RESTART_S, unless it was told to stay down. What the
harness did to it (a signal, a stop) is told from what it did itself.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

RESTART_S = 0.5
LOOK_S = 0.1
STOP_PATIENCE_S = 30.0
BEGIN_PATIENCE_S = 60.0
LAST_LINE = 300  # characters of it
NEVER = float("inf")


class StayedError(Exception):
    """A process did not do in time what was waited for; the message has its last lines."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is to run: arguments of the interpreter, environment, a folder of its own."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path

    @property
    def kind(self) -> str:
        """worker for worker-2."""
        return self.name.partition("-")[0]


class Ended(NamedTuple):
    """One process's end. `cause` is what the harness did to it, "" where it left by itself;
    `code` as of subprocess: -9 for SIGKILL. `during` is the fault that was being injected.
    """

    name: str
    pid: int
    code: int
    lived_s: float
    cause: str
    during: str
    last_line: str


class Left(NamedTuple):
    """How a process left on SIGTERM."""

    name: str
    code: int
    seconds: float
    twice: bool
    last_line: str


@dataclass(slots=True)
class Life:
    """One running process of a program."""

    popen: subprocess.Popen[bytes]
    log: Path
    begun: float = field(default_factory=time.monotonic)
    cause: str = ""

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def last_line(self) -> str:
        lines = [line for line in self.text().splitlines() if line.strip()]
        return lines[-1].strip()[:LAST_LINE] if lines else ""


class Supervisor:
    """Starts, watches and restarts; use it as `with supervising(logs) as supervisor`."""

    def __init__(self, logs: Path) -> None:
        self.ends: list[Ended] = []
        self.left: list[Left] = []
        self.during = ""
        self._logs = logs
        self._programs: dict[str, Program] = {}
        self._lives: dict[str, Life] = {}
        self._numbers: dict[str, int] = {}
        self._next: dict[str, tuple[str, ...]] = {}
        self._due: dict[str, float] = {}
        self._held: set[str] = set()
        self._lock = threading.RLock()

    def start(self, program: Program) -> None:
        """Run it from now on."""
        with self._lock:
            self._programs[program.name] = program
            self._begin(program.name)

    def names(self, kind: str = "") -> list[str]:
        """All programs that are to run, of one kind if given, in the order of their start."""
        with self._lock:
            return [p.name for p in self._programs.values() if kind in ("", p.kind)]

    def program(self, name: str) -> Program:
        return self._programs[name]

    def pid(self, name: str) -> int | None:
        """Its process id, None while it is down."""
        with self._lock:
            life = self._lives.get(name)
            return life.popen.pid if life and life.popen.poll() is None else None

    def log(self, name: str) -> str:
        """The log of its present or last life."""
        with self._lock:
            life = self._lives.get(name)
        return life.text() if life else ""

    def lives(self, name: str) -> int:
        """How often it has been started."""
        return self._numbers.get(name, 0)

    def send(self, name: str, number: signal.Signals, cause: str) -> int:
        """Send a signal; its pid. Raises StayedError if it does not run."""
        with self._lock:
            life = self._lives.get(name)
            if life is None or life.popen.poll() is not None:
                raise StayedError(f"{name} does not run")
            life.cause = cause
            life.popen.send_signal(number)
            return life.popen.pid

    def kill(self, name: str, cause: str) -> int:
        """SIGKILL; it is started again as usual."""
        return self.send(name, signal.SIGKILL, cause)

    def mark(self, name: str, cause: str) -> None:
        """Say what was done to the process, should it end now."""
        with self._lock:
            self._lives[name].cause = cause

    def hold(self, *names: str) -> None:
        """Start these not again when they end, until they are released."""
        with self._lock:
            self._held.update(names)

    def release(self, *names: str) -> None:
        with self._lock:
            self._held.difference_update(names)

    def remove(self, name: str, *, twice: bool = False) -> Left:
        """SIGTERM, a second one a moment later if `twice`; it stays down.

        Raises:
            StayedError: it has not begun its work, or was still there after STOP_PATIENCE_S and
                was killed.
        """
        self.wait_begun(name)
        with self._lock:
            del self._programs[name]
            life = self._lives[name]
            noted = self._due.pop(name, None) is not None
        left = _leave(name, life, twice)
        if not noted:
            self._note(name, life)
            self.left.append(left)
        return left

    def become(self, name: str, arguments: tuple[str, ...]) -> None:
        """Leave on SIGTERM and run with other arguments; after that end, again as it was.

        Raises:
            StayedError: it does not begin its work, or does not leave.
        """
        self.wait_begun(name)
        number = self.lives(name) + 1
        with self._lock:
            life = self._lives[name]
            self._next[name] = arguments
        self.left.append(_leave(name, life, twice=False))
        self.wait_lives(name, number, 10.0)

    def wait_begun(self, name: str) -> None:
        """Wait until it has logged something: before that a signal meets Python, not it."""
        deadline = time.monotonic() + BEGIN_PATIENCE_S
        while not self.log(name):
            if time.monotonic() > deadline:
                raise StayedError(f"{name} has not begun in {BEGIN_PATIENCE_S:.0f} s")
            time.sleep(LOOK_S)

    def wait_lives(self, name: str, number: int, patience_s: float) -> None:
        """Wait until it has been started `number` times. Raises StayedError."""
        deadline = time.monotonic() + patience_s
        while self.lives(name) < number:
            if time.monotonic() > deadline:
                raise StayedError(f"{name} was not started again in {patience_s:.0f} s")
            time.sleep(LOOK_S)

    def wait_end(self, name: str, since: int, patience_s: float) -> Ended:
        """The first end of `name` after the first `since` ends. Raises StayedError if none."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            for ended in self.ends[since:]:
                if ended.name == name:
                    return ended
            time.sleep(LOOK_S)
        raise StayedError(f"{name} has not ended in {patience_s:.0f} s: {self.log(name)[-300:]}")

    def look(self) -> None:
        """Note what has ended and start again what is due."""
        with self._lock:
            for name in list(self._programs):
                life = self._lives[name]
                if life.popen.poll() is not None and name not in self._due:
                    self._note(name, life)
                    self._due[name] = time.monotonic() + RESTART_S
                if name not in self._held and time.monotonic() >= self._due.get(name, NEVER):
                    self._begin(name)

    def kill_all(self) -> None:
        """The end of everything, whatever state it is in."""
        with self._lock:
            self._programs.clear()
            for life in self._lives.values():
                if life.popen.poll() is None:
                    life.popen.send_signal(signal.SIGKILL)
                    life.popen.wait()

    def _begin(self, name: str) -> None:
        program = self._programs[name]
        self._due.pop(name, None)
        self._numbers[name] = self._numbers.get(name, 0) + 1
        arguments = self._next.pop(name, program.arguments)
        log = self._logs / f"{name}.{self._numbers[name]}.log"
        self._lives[name] = Life(_spawn(program, arguments, log), log)

    def _note(self, name: str, life: Life) -> None:
        code = life.popen.wait()
        self.ends.append(Ended(name, life.popen.pid, code, time.monotonic() - life.begun,
                               life.cause, self.during, life.last_line()))


@contextmanager
def supervising(logs: Path) -> Iterator[Supervisor]:
    """A supervisor that looks after its processes; none of them outlives the block."""
    logs.mkdir(parents=True, exist_ok=True)
    supervisor, over = Supervisor(logs), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            supervisor.look()

    thread = threading.Thread(target=look, name="supervisor", daemon=True)
    thread.start()
    try:
        yield supervisor
    finally:
        over.set()
        thread.join()
        supervisor.kill_all()


def _spawn(program: Program, arguments: tuple[str, ...], log: Path) -> subprocess.Popen[bytes]:
    program.folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, *arguments], stdout=output, stderr=subprocess.STDOUT,
            cwd=program.folder, env={**os.environ, **program.environment})


def _leave(name: str, life: Life, twice: bool) -> Left:
    life.cause = "SIGTERM twice" if twice else "SIGTERM"
    begun = time.monotonic()
    if life.popen.poll() is None:
        life.popen.terminate()
        if twice:
            _again(life)
    _wait_gone(name, life)
    return Left(name, life.popen.wait(), time.monotonic() - begun, twice, life.last_line())


def _again(life: Life) -> None:
    try:
        life.popen.wait(0.3)
    except subprocess.TimeoutExpired:
        life.popen.terminate()


def _wait_gone(name: str, life: Life) -> None:
    try:
        life.popen.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        life.popen.kill()
        life.popen.wait()
        raise StayedError(f"{name} was still there {STOP_PATIENCE_S:.0f} s after SIGTERM:"
                          f" {life.last_line()}") from None
