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
    """`db` has the attached database `edition` and can reach nothing else; with the teachers'
    names, if `names` is not None, as the table `named.names`.

    `source`, `names`: the published files it comes from; `seals`: what they looked like when
    they were verified.
    """

    manifest: Manifest
    region: str
    source: Path
    names: Path | None
    seals: tuple[Seal | None, ...]
    db: DuckDBPyConnection

    @property
    def is_untouched(self) -> bool:
        """Whether the files still look as they did when they were verified."""
        return _seals(self.source, self.names) == self.seals

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one request; the edition lives on as long as its last cursor."""
        cursor = self.db.cursor()
        cursor.execute("USE edition")
        return cursor


def _seals(source: Path, names: Path | None) -> tuple[Seal | None, ...]:
    return tuple(seal(path) for path in (source, names) if path is not None)


def open_edition(published: Path, manifest: Manifest, region: str, with_names: bool) -> Edition:
    """The edition of the country (000000), a province, or a city or county, whose rows are
    copied out of its province's file. The file of names is not even opened unless asked for.

    Raises:
        UnknownError: the publication has no file for the region.
        DamagedError: a file is not the one that was published.
    """
    file = _file(manifest, region)
    named = manifest.names_of(file.region) if with_names else None
    path = published / file.name
    names = published / named.name if named else None
    before = _seals(path, names)
    try:
        verified(path, file)
        if named and names:
            verified(names, named)
        db = _opened(path, names, region, whole=file.region == region)
    except (WarehouseError, duckdb.Error) as error:
        raise DamagedError(str(error)) from error
    return Edition(manifest, region, path, names, before, db)


def _file(manifest: Manifest, region: str) -> PublishedFile:
    home = NATIONAL if region == NATIONAL else regions.province(region)
    file = manifest.file(home)
    if file is None:
        raise UnknownError("本地区尚未发布数据，请稍后再来。")
    return file


def _opened(path: Path, names: Path | None, region: str, whole: bool) -> DuckDBPyConnection:
    db = duckdb.connect(config=CONFIG)
    db.execute("SET GLOBAL TimeZone = 'Asia/Shanghai'")
    if whole:
        _attach(db, path, "edition")
        if names:
            _attach(db, names, "named")
    else:
        _copy(db, path, names, region)
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")
    return db


def _attach(db: DuckDBPyConnection, path: Path, name: str) -> None:
    quoted = str(path).replace("'", "''")
    db.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")


def _copy(db: DuckDBPyConnection, path: Path, names: Path | None, region: str) -> None:
    _attach(db, path, "province")
    db.execute("ATTACH ':memory:' AS edition")
    db.execute("SET VARIABLE prefix = ?::VARCHAR", [regions.prefix(region)])
    db.execute(query("dashboard_copy"))
    db.execute("DETACH province")
    if names:
        _attach(db, names, "all_names")
        db.execute("ATTACH ':memory:' AS named")
        db.execute(query("dashboard_copy_names"))
        db.execute("DETACH all_names")
