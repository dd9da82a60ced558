"""An edition: what one publication says about one region, open for reading and nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.rules import regions
from warehouse.dashboard.errors import DamagedError, UnknownError
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest, PublishedFile
from warehouse.reader import verified
from warehouse.sql import query

# A database of its own for each edition: `temp_directory` '' writes nothing to disk.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB", "threads": 4, "temp_directory": "",
}


class Seal(NamedTuple):
    """What a file looks like from outside: as long as it stays, its sum need not be taken again."""

    inode: int
    modified_ns: int
    size: int


def seal(path: Path) -> Seal | None:
    """The file's seal now; None if there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Seal(found.st_ino, found.st_mtime_ns, found.st_size)


@dataclass(frozen=True)
class Edition:
    """`db` has the attached database `edition` and can reach nothing else.

    `source`: the published file it comes from, with the seal it had when it was verified.
    """

    manifest: Manifest
    region: str
    source: Path
    seal: Seal | None
    db: DuckDBPyConnection

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one request; the edition lives on as long as its last cursor."""
        cursor = self.db.cursor()
        cursor.execute("USE edition")
        return cursor

    def columns(self) -> set[tuple[str, str]]:
        """(table, column) of all that the edition has."""
        found = self.db.cursor().execute("""
            SELECT table_name, column_name FROM duckdb_columns()
            WHERE database_name = 'edition'""")
        return {(table, column) for table, column in found.fetchall()}


def open_edition(published: Path, manifest: Manifest, region: str) -> Edition:
    """The edition of the country (000000), a province, or a city or county, whose rows are
    copied out of its province's file.

    Raises:
        UnknownError: the publication has no file for the region.
        DamagedError: the file is not the one that was published.
    """
    file = _file(manifest, region)
    path = published / file.name
    before = seal(path)
    try:
        verified(path, file)
        db = _opened(path, region, whole=file.region == region)
    except (WarehouseError, duckdb.Error) as error:
        raise DamagedError(str(error)) from error
    return Edition(manifest, region, path, before, db)


def _file(manifest: Manifest, region: str) -> PublishedFile:
    home = NATIONAL if region == NATIONAL else regions.province(region)
    file = manifest.file(home)
    if file is None:
        raise UnknownError("本地区尚未发布数据，请稍后再来。")
    return file


def _opened(path: Path, region: str, whole: bool) -> DuckDBPyConnection:
    db = duckdb.connect(config=CONFIG)
    db.execute("SET GLOBAL TimeZone = 'Asia/Shanghai'")
    quoted = str(path).replace("'", "''")
    if whole:
        db.execute(f"ATTACH '{quoted}' AS edition (READ_ONLY)")
    else:
        _copy(db, quoted, region)
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")
    return db


def _copy(db: DuckDBPyConnection, quoted: str, region: str) -> None:
    db.execute(f"ATTACH '{quoted}' AS province (READ_ONLY)")
    db.execute("ATTACH ':memory:' AS edition")
    db.execute("SET VARIABLE prefix = ?::VARCHAR", [regions.prefix(region)])
    db.execute(query("dashboard_copy"))
    db.execute("DETACH province")
