"""Numbered migrations, each in one transaction with its own record; nothing else.

A released file never changes: the next change is the next number.
"""

import re
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from warehouse.errors import WarehouseError
from warehouse.transaction import transaction

MIGRATIONS = Path(__file__).parent / "migrations"

CREATE_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
    number     INTEGER     NOT NULL,
    name       VARCHAR     NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
)
"""


class Migration(NamedTuple):
    """A file `NNNN_name.sql`."""

    number: int
    name: str
    path: Path


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations in `folder` by number; raises WarehouseError unless they count 1, 2, 3 …"""
    found = [_parse(path) for path in sorted(folder.glob("*.sql"))]
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise WarehouseError(f"{folder}: migrations must be numbered 0001, 0002, … without a hole")
    return found


def _parse(path: Path) -> Migration:
    match = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
    if not match:
        raise WarehouseError(f"{path}: a migration is named NNNN_name.sql")
    return Migration(int(match[1]), match[2], path)


def migrate(db: DuckDBPyConnection, at: int, folder: Path = MIGRATIONS) -> list[str]:
    """Bring the database up to the code; the names of what was applied.

    `at` (epoch ms) is recorded as the moment.

    Raises:
        WarehouseError: the database was made by a newer version of this program.
    """
    known = migrations(folder)
    version = _version(db)
    if version > len(known):
        raise WarehouseError(
            f"the warehouse is at version {version}, but this program knows only {len(known)}: "
            "upgrade the program, or use the warehouse it belongs to"
        )
    for migration in known[version:]:
        _apply(db, migration, at)
    return [migration.name for migration in known[version:]]


def _version(db: DuckDBPyConnection) -> int:
    db.execute(CREATE_RECORD)
    row = db.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    return int(row[0]) if row else 0


def _apply(db: DuckDBPyConnection, migration: Migration, at: int) -> None:
    with transaction(db):
        db.execute(migration.path.read_text(encoding="utf-8"))
        db.execute("INSERT INTO migrations VALUES (?, ?, make_timestamptz(?::BIGINT))",
                   [migration.number, migration.name, at * 1000])
