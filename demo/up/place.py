"""What must be there before anything starts: the folder for one run alone, and free ports."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TextIO

import psutil

from demo.errors import DemoError
from demo.site.bundles import require_bundles
from demo.site.films import require_ffmpeg
from pipeline.settings import Settings

PATIENCE_S = 60.0  # what was left of a killed run has ended within this; see demo/leash.py
PORTS = ("site", "collector", "worker", "dashboard", "learner")


@contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Hold the folder's lock; its open file, which may be handed on.

    What is left of a run that was killed is waited for.

    Raises:
        DemoError: another `xueshi up` holds it.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a+") as file:
        _wait_for(file, folder)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def _wait_for(file: TextIO, folder: Path) -> None:
    end = monotonic() + PATIENCE_S
    while not _taken(file):
        if monotonic() > end or _lives(file):
            raise DemoError(f"another `xueshi up` runs in {folder}: stop that one first")
        sleep(0.2)


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(file: TextIO) -> bool:
    """Whether whoever took the lock is still there; else its leash has it, for a moment."""
    file.seek(0)
    pid = file.read()
    return pid.isdigit() and psutil.pid_exists(int(pid))


def require_all(settings: Settings) -> None:
    """Say at once, and not from a log, what is not there.

    Raises:
        DemoError: a port is taken, the player is not built, or there is no ffmpeg.
    """
    require_bundles()
    require_ffmpeg()
    for name in PORTS:
        _require_free(getattr(settings, f"{name}_port"), f"XUESHI_{name.upper()}_PORT")


def _require_free(port: int, variable: str) -> None:
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
        raise DemoError(f"port {port} {why}: stop what uses it, or choose another with {variable}"
                      ) from error
