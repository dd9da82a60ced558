"""The warehouse file: opened by one process, the loader."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import WarehouseError
from warehouse.migrate import migrate

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # Commits only write the log; `checkpoint_if_large` and snapshots checkpoint (6× faster).
    "checkpoint_threshold": "1TB",
    "auto_checkpoint_skip_wal_threshold": str(2**50),
}
LARGE_WAL_BYTES = 64 * 1024 * 1024


@contextmanager
def locked(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock file `path` as its only holder, as long as the block runs.

    Raises:
        WarehouseError: somebody else holds it, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise WarehouseError(f"cannot write {path.parent}: {error.strerror}") from error
    with file:
        if not _taken(file):
            raise WarehouseError(
                f"another {holder} is at work in {path.parent}: only one can run, stop it first"
            )
        yield


def _taken(file: TextIO) -> bool:
    """Take the lock; tried again for a moment, for `is_locked` holds it for one."""
    for _ in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock file."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


@contextmanager
def opened(path: Path, at: int) -> Iterator[DuckDBPyConnection]:
    """The warehouse at `path`, made or migrated if need be; `at` in epoch ms.

    Raises:
        WarehouseError: another loader has it, it is newer than the code, or no warehouse.
    """
    with locked(path.parent / "loader.lock", "loader"):
        db = _connect(path)
        try:
            db.execute("SET TimeZone = 'Asia/Shanghai'")
            migrate(db, at)
            yield db
        finally:
            db.close()


def _connect(path: Path) -> DuckDBPyConnection:
    try:
        return duckdb.connect(path, config=CONFIG)
    except duckdb.Error as error:
        raise WarehouseError(
            f"cannot open the warehouse {path}: {first_line(error)}. If it is damaged, move the "
            f"folder {path.parent} away: a new one loads everything again from Kafka") from error


def checkpoint_if_large(db: DuckDBPyConnection, path: Path) -> None:
    """Fold the write-ahead log into the file once it is large, so that a restart is quick."""
    wal = path.with_name(path.name + ".wal")
    if wal.exists() and wal.stat().st_size > LARGE_WAL_BYTES:
        db.checkpoint()


def first_line(error: Exception) -> str:
    """The first line of an error's message: DuckDB adds hints and code excerpts below it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
