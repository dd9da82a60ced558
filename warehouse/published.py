"""One published DuckDB file: written beside its name, synced, summed, then renamed."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.dictionary import Kind, dictionary
from warehouse.manifest import PublishedFile
from warehouse.sql import query

STORAGE_VERSION = "v1.0.0"  # the oldest that can be written: old readers open it


READ_ONLY = 0o444  # what is published never changes
QUERIES: dict[str, tuple[str, ...]] = {
    "province": ("publish_about", "publish_common", "publish_province"),
    "national": ("publish_about", "publish_common", "publish_national"),
    "names": ("publish_about", "publish_names"),
}


def write(
    db: DuckDBPyConnection, folder: Path, name: str, region: str, kind: Kind
) -> PublishedFile:
    """Make `folder/name` with what the queries of its kind say.

    `db` has the tables of publication.sql and the variables as_of and publication_id.
    """
    temporary = folder / f".{name}.tmp"
    temporary.unlink(missing_ok=True)
    try:
        return finished(temporary, folder / name, region, _fill(db, temporary, region, kind))
    finally:
        temporary.unlink(missing_ok=True)


def finished(temporary: Path, path: Path, region: str, rows: dict[str, int]) -> PublishedFile:
    """The temporary file under its own name: synced, summed, and never to be written again."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.chmod(READ_ONLY)
    made = PublishedFile(name=path.name, region=region, sha256=sha256(temporary),
                         bytes=temporary.stat().st_size, rows=rows)
    temporary.replace(path)
    return made


def _fill(db: DuckDBPyConnection, path: Path, region: str, kind: Kind) -> dict[str, int]:
    with _attached(db, path):
        db.execute("SET VARIABLE published_region = ?::VARCHAR", [region])
        like = "" if kind == "national" else region[:2]
        db.execute("SET VARIABLE region_like = ?::VARCHAR", [like])
        for name in QUERIES[kind]:
            db.execute(query(name))
        dictionary().comment(db, "out", kind)
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


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
