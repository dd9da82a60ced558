"""What is remembered of a started broker between commands, and the lock around changing it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from pipeline.broker.errors import BrokerError

FILE = "broker.json"
MAIN_CLASS = "kafka.Kafka"


@dataclass(frozen=True, slots=True)
class Started:
    """A broker that was started. `created` (seconds since 1970, by the kernel) tells its process
    from another one that was given the same pid later.
    """

    pid: int
    created: float
    bootstrap: str
    version: str

    @property
    def port(self) -> int:
        return int(self.bootstrap.rpartition(":")[2])


def identify(pid: int, bootstrap: str = "", version: str = "") -> Started:
    """The broker that runs as `pid`; one that is gone already counts as created in 1970."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        created = 0.0
    return Started(pid, created, bootstrap, version)


def remember(home: Path, started: Started) -> None:
    """Write it whole or not at all."""
    aside = home / f"{FILE}.new"
    aside.write_text(json.dumps(asdict(started)), "utf-8")
    aside.replace(home / FILE)


def recall(home: Path) -> Started | None:
    """The broker started last, alive or not; None if there never was one, or it is unreadable."""
    try:
        return _started(json.loads((home / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _started(raw: dict[str, Any]) -> Started:
    pid, created = int(raw["pid"]), float(raw["created"])
    host, port = str(raw["bootstrap"]).split(":")
    return Started(pid, created, f"{host}:{int(port)}", str(raw["version"]))


def process_of(started: Started) -> psutil.Process | None:
    """Its process, if that still runs."""
    try:
        process = psutil.Process(started.pid)
        same = abs(process.create_time() - started.created) < 1.0
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.NoSuchProcess, ValueError, OverflowError):  # the last two: no possible pid
        return None


def strays(home: Path) -> list[Started]:
    """Brokers that run in `home` though no state file tells of them: it was deleted, maybe with
    the whole folder. Two brokers over the same data would spoil it.
    """
    pids = [process.pid for process in psutil.process_iter() if _is_broker_in(home, process)]
    return [identify(pid) for pid in pids]


def _is_broker_in(home: Path, process: psutil.Process) -> bool:
    try:
        return process.cwd() == str(home) and MAIN_CLASS in process.cmdline()
    except (psutil.Error, OSError):  # gone, or another user's
        return False


def end(started: Started, patience_s: float) -> None:
    """SIGTERM, wait, SIGKILL. Touches only the very process that was started.

    Raises:
        BrokerError: it belongs to another user.
    """
    process = process_of(started)
    if process is None:
        return
    try:
        process.terminate()
        process.wait(patience_s)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    except psutil.AccessDenied as error:
        raise BrokerError(f"may not stop pid {started.pid}: another user started it") from error


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the folder's lock; waits for whoever holds it. The kernel frees it if we die."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
