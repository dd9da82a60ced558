"""One published DuckDB file: written beside its name, synced, summed, then renamed."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.dictionary import dictionary
from warehouse.manifest import PublishedFile
from warehouse.sql import query

STORAGE_VERSION = "v1.0.0"  # the oldest that can be written: old readers open it


def write(
    db: DuckDBPyConnection, folder: Path, name: str, region: str, tables: str
) -> PublishedFile:
    """Make `folder/name` with what queries/publish_common and queries/<tables> say.

    `db` has the tables of publication.sql and the variables as_of and publication_id.
    """
    temporary = folder / f".{name}.tmp"
    temporary.unlink(missing_ok=True)
    try:
        rows = _fill(db, temporary, region, tables)
        file = PublishedFile(
            name=name, region=region, sha256=_synced_sum(temporary),
            bytes=temporary.stat().st_size, rows=rows,
        )
        temporary.replace(folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    return file


def _fill(db: DuckDBPyConnection, path: Path, region: str, tables: str) -> dict[str, int]:
    with _attached(db, path):
        db.execute("SET VARIABLE published_region = ?::VARCHAR", [region])
        like = region[:2] if tables == "publish_province" else ""
        db.execute("SET VARIABLE region_like = ?::VARCHAR", [like])
        db.execute(query("publish_common"))
        db.execute(query(tables))
        dictionary().comment(db, "out", "province" if like else "national")
        return _rows(db)


@contextmanager
def _attached(db: DuckDBPyConnection, path: Path) -> Iterator[None]:
    """A new file as the database `out`; all of it is in the file afterwards, none in a log."""
    quoted = str(path).replace("'", "''")
    db.execute(f"ATTACH '{quoted}' AS out (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        yield
        db.execute("CHECKPOINT out")  # DETACH would, too, but not say on one line why it cannot
    except BaseException:
        with suppress(duckdb.Error):
            db.execute("DETACH out")
        raise
    db.execute("DETACH out")


def _rows(db: DuckDBPyConnection) -> dict[str, int]:
    names = db.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'out' ORDER BY 1").fetchall()
    rows = {}
    for (name,) in names:
        counted = db.execute(f'SELECT count(*) FROM out."{name}"').fetchone()
        rows[name] = counted[0] if counted else 0
    return rows


def _synced_sum(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return sha256(path)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
