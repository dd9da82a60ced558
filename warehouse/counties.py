"""The counties of a province as Parquet files, which any tool for tables can open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.manifest import PublishedFile
from warehouse.published import finished
from warehouse.sql import query

COPY = """COPY ({rows}) TO '{folder}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (region),
    WRITE_PARTITION_COLUMNS true)"""


def counties(
    db: DuckDBPyConnection, folder: Path, province: str, publication: str
) -> Iterator[PublishedFile]:
    """Write a file for each county (or city without counties) of the province with teachers.

    `db` has the tables of publication.sql, and the variable as_of.
    """
    temporary = folder / f".{province}-{publication}.parquet.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        _copy(db, temporary, province)
        for made in sorted(temporary.glob("region=*/*.parquet")):
            region = made.parent.name.removeprefix("region=")
            rows = {"teachers": _rows(db, made)}
            yield finished(made, folder / f"{region}-{publication}.parquet", region, rows)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _copy(db: DuckDBPyConnection, folder: Path, province: str) -> None:
    db.execute("SET VARIABLE published_region = ?::VARCHAR", [province])
    quoted = str(folder).replace("'", "''")
    db.execute(COPY.format(rows=query("publish_counties"), folder=quoted))


def _rows(db: DuckDBPyConnection, path: Path) -> int:
    found = db.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchone()
    return int(found[0]) if found else 0
