"""The warehouse, kept elsewhere and brought back.

A back-up knows how far it had read each topic, so a loader that starts over a restored one goes on
from there, and lands what came since exactly once. What is not in a back-up is in Kafka.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

import duckdb

from pipeline.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.migrate import migrations
from warehouse.snapshot import ask, replaced, snapshots, sync_folder
from warehouse.store import first_line, is_locked, locked, opened

BLOCK = 1024 * 1024
PATIENCE_S = 600.0   # of a loader that copies tens of gigabytes


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds: all that was there at `as_of` (in Asia/Shanghai), `records` of Kafka."""

    path: Path
    as_of: str
    records: int
    bytes: int


def back_up(settings: Settings, target: Path, at: int) -> Backup:
    """Write a consistent copy of the warehouse as of now (`at`, epoch ms) to `target`, its sum
    beside it; a running loader goes on meanwhile.

    Raises:
        WarehouseError: there is no warehouse, or its loader does not answer.
        OSError, duckdb.Error: it cannot be written; an earlier file there stays.
    """
    _renew_snapshot(settings, at)
    with settings.snapshot_path.open("rb") as source, replaced(target) as copy:
        digest = _copy(source, copy)
    with replaced(_sum_path(target)) as file:  # as `sha256sum --check` reads it
        file.write(f"{digest}  {target.name}\n".encode())
    return look(target)


def _renew_snapshot(settings: Settings, at: int) -> None:
    if is_locked(settings.warehouse_path.with_name("loader.lock")):
        if not ask(settings, PATIENCE_S, Event()):
            raise WarehouseError("the loader does not answer: look into its log")
        return
    if not settings.warehouse_path.exists():
        raise WarehouseError(f"there is no warehouse {settings.warehouse_path}")
    with opened(settings.warehouse_path, at) as db, snapshots(settings, db) as made:
        made.take(at)


def restore(settings: Settings, source: Path) -> Backup:
    """Put a back-up in the place of the warehouse; the one that is there is kept beside it, as
    `before-restore`. The publisher waits until the loader has caught up.

    Raises:
        WarehouseError: a loader is at work; the back-up is damaged, or of a newer program.
        OSError: it cannot be written; the warehouse stays as it is.
    """
    path = settings.warehouse_path
    _require_intact(source)
    with locked(path.with_name("loader.lock"), "loader"):
        restored = path.with_name("restoring.duckdb")
        with source.open("rb") as file, replaced(restored) as copy:
            _copy(file, copy)
        found = look(restored)
        _set_aside(path)
        restored.replace(path)
        settings.snapshot_path.unlink(missing_ok=True)  # it is of another past
        sync_folder(path.parent)
    return found


def look(path: Path) -> Backup:
    """What a back-up holds. Raises WarehouseError: this program cannot read it."""
    try:
        with duckdb.connect(path, read_only=True) as db:
            found = db.execute("""
                SELECT (SELECT max(number) FROM migrations),
                       (SELECT strftime(timezone('Asia/Shanghai', as_of), '%Y-%m-%d %H:%M:%S')
                        FROM loaded),
                       (SELECT coalesce(sum(next_offset), 0)::BIGINT FROM kafka_offsets)
            """).fetchone()
    except duckdb.Error as error:
        raise WarehouseError(f"{path} is no warehouse: {first_line(error)}") from error
    newest, as_of, records = found or (0, None, 0)
    if newest > len(migrations()):
        raise WarehouseError(f"{path} was written by a newer xueshi: restore it with that one")
    return Backup(path, as_of or "its beginning", records, path.stat().st_size)


def _require_intact(source: Path) -> None:
    try:
        expected = _sum_path(source).read_text("ascii").split()[0]
        with source.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise WarehouseError(f"there is no {error.filename}: a back-up is both files") from error
    except (UnicodeDecodeError, IndexError) as error:
        raise WarehouseError(f"{_sum_path(source)} holds no sum") from error
    if actual != expected:
        raise WarehouseError(f"{source} is damaged: its sha256 is {actual}, not {expected}")


def _set_aside(path: Path) -> None:
    """Log first: a database without its log is an earlier moment, a log without its database
    would be taken for another's.
    """
    for suffix in (".wal", ""):
        old = path.with_name(path.name + suffix)
        aside = path.with_name(f"before-restore.duckdb{suffix}")
        aside.unlink(missing_ok=True)
        if old.exists():
            old.replace(aside)


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    """The sum of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def _sum_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
