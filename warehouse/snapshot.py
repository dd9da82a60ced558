"""Consistent copies of the warehouse, for the publisher: made by the loader when asked.

The publisher writes a request file; the loader takes it away after its next landing and answers
with a new snapshot. So nothing is copied that nobody wants. A request whose loader died over it is
put back by the next one.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import BinaryIO

from duckdb import DuckDBPyConnection

from pipeline.settings import Settings
from warehouse.store import is_locked

LOOK_S = 0.05


def request_path(settings: Settings) -> Path:
    return settings.snapshot_path.with_name("snapshot.request")


def _taken_path(settings: Settings) -> Path:
    return settings.snapshot_path.with_name("snapshot.request-taken")


class Snapshots:
    """Copies of one open warehouse file."""

    def __init__(self, settings: Settings, db: DuckDBPyConnection, warehouse: BinaryIO) -> None:
        self._settings = settings
        self._db = db
        self._warehouse = warehouse

    def wanted(self) -> bool:
        return request_path(self._settings).exists()

    def take(self, at: int) -> None:
        """A snapshot of all that is landed, known to be all there was at `at` (epoch ms).

        Call it between landings: while it copies, nothing may write.

        Raises:
            OSError: no space or right to write it; the last snapshot stays.
            duckdb.Error: the same in the warehouse itself, which must be opened again.
        """
        taken = _taken_path(self._settings)
        with suppress(FileNotFoundError):
            # First, so that a request made while this copies is answered with a newer one.
            request_path(self._settings).replace(taken)
        self._db.execute("DELETE FROM loaded")
        self._db.execute("INSERT INTO loaded VALUES (make_timestamptz(?::BIGINT))", [at * 1000])
        self._db.checkpoint()
        self._warehouse.seek(0)
        with replaced(self._settings.snapshot_path) as copy:
            shutil.copyfileobj(self._warehouse, copy, 1024 * 1024)
        taken.unlink(missing_ok=True)


@contextmanager
def snapshots(settings: Settings, db: DuckDBPyConnection) -> Iterator[Snapshots]:
    """The snapshots of the open warehouse.

    The file stays open for as long as the database is: closing any handle of it in this
    process would drop DuckDB's own lock on it (POSIX locks belong to the process).
    """
    with suppress(FileNotFoundError):
        _taken_path(settings).replace(request_path(settings))
    with settings.warehouse_path.open("rb") as warehouse:
        try:
            yield Snapshots(settings, db, warehouse)
        finally:
            db.close()


@contextmanager
def replaced(path: Path, opener: Callable[[str, int], int] | None = None) -> Iterator[BinaryIO]:
    """Write a file beside `path` that takes its place, synced to disk, if the block succeeds.

    `opener`: as the one of `open`; the file is not there yet.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with open(temporary, "wb", opener=opener) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ask(settings: Settings, patience_s: float, stop: Event) -> bool:
    """Ask the running loader for a new snapshot; False if none runs, or it does not answer in
    time or before `stop` is set.

    Raises:
        OSError: the folder cannot be written.
    """
    path = settings.snapshot_path
    if not is_locked(path.with_name("loader.lock")):
        return False
    before = _identity(path)
    request_path(settings).touch()
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and not stop.wait(LOOK_S):
        # Gone and replaced: a request that is gone alone is still being answered.
        if not request_path(settings).exists() and _identity(path) != before:
            return True
    return False


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns
