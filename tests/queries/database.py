"""Databases as queries meet them, with the tables that the real code makes, and rows in these."""

from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.settings import Settings
from tests.queries.case import NULL, Rows, Told
from tests.warehouse.helpers import Log, school, snapshot_of, teacher
from warehouse.landing import prepare
from warehouse.migrate import migrate
from warehouse.publisher import publish_once
from warehouse.sql import query

# What a column that must not be NULL has where a case leaves it out.
NOTHING = {"VARCHAR": "", "BIGINT": "0", "INTEGER": "0", "BOOLEAN": "false", "BLOB": "",
           "DATE": "1970-01-01", "TIMESTAMP WITH TIME ZONE": "1970-01-01 00:00:00+00"}


class Column(NamedTuple):
    """A column of a table, in the order of the table."""

    table: str
    name: str
    type: str
    nullable: bool


Layout = list[Column]


def columns(db: DuckDBPyConnection, database: str) -> Layout:
    """Every column of every table of an attached database."""
    found = db.execute("""
        SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()
        WHERE database_name = ? AND NOT internal ORDER BY table_oid, column_index""", [database])
    return [Column(*row) for row in found.fetchall()]


def published_layouts(folder: Path) -> dict[str, Layout]:
    """The tables of each kind of published file, as the publisher makes them."""
    settings = Settings(var_dir=folder)
    snapshot_of(settings, Log().roster(
        school("only", "110101"), teacher("ann", "only", name="安老师")))
    manifest = publish_once(settings)
    files = {"province": manifest.files[0], "national": manifest.files[-1],
             "names": manifest.names[0]}
    return {kind: _layout(settings.published_dir / file.name) for kind, file in files.items()}


def _layout(path: Path) -> Layout:
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{path}' AS file (READ_ONLY)")
        return columns(db, "file")


def made(told: Told, layouts: dict[str, Layout]) -> DuckDBPyConnection:
    """Databases in memory with empty tables, as the case asks for them: of the current one, and of
    those beside it. What a script writes `into` is empty.
    """
    db = duckdb.connect()
    db.execute("SET TimeZone = 'Asia/Shanghai'")
    for name, kind in told.beside.items():
        _attach(db, name, layouts[kind])
    if told.database in layouts:
        _attach(db, told.database, layouts[told.database])
        db.execute(f"USE {told.database}")
    else:
        _migrate(db, told.database)
    if told.into not in (None, "temp"):
        db.execute(f"ATTACH ':memory:' AS {told.into}")
    for name, value in told.variables.items():
        db.execute(f"SET VARIABLE {name} = ?", [value])
    return db


def _attach(db: DuckDBPyConnection, name: str, layout: Layout) -> None:
    db.execute(f"ATTACH ':memory:' AS {name}")
    for table in dict.fromkeys(column.table for column in layout):
        said = ", ".join(f"{c.name} {c.type}" for c in layout if c.table == table)
        db.execute(f"CREATE TABLE {name}.{table} ({said})")


def _migrate(db: DuckDBPyConnection, kind: str) -> None:
    """The warehouse; for `landing` with staging, for `publishing` with publication.sql's tables."""
    migrate(db, 0)
    if kind == "landing":
        prepare(db)
    if kind == "publishing":
        db.execute("SET VARIABLE as_of = make_timestamptz(0)")
        db.execute(query("publication"))


def fill(db: DuckDBPyConnection, table: str, given: Rows) -> None:
    """Rows of a case. A column left out is NULL, or nothing (0, '', false) where it may not be."""
    there = {c.name: c for c in _columns_of(db, table)}
    assert there, f"{table}.csv: there is no such table"
    unknown = set(given.columns) - set(there)
    assert not unknown, f"{table}.csv: the table has no {', '.join(unknown)}"
    left = [c for c in there.values() if c.name not in given.columns and not c.nullable]
    names = [*given.columns, *(c.name for c in left)]
    marks = ", ".join("?" for _ in names)
    for row in given.rows:
        values = [None if cell == NULL else cell for cell in row]
        db.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                   [*values, *(NOTHING[c.type] for c in left)])


def _columns_of(db: DuckDBPyConnection, table: str) -> Layout:
    """Of a table of a database beside, as `named.names`; or else of a temporary one, or one of the
    current database.
    """
    database, _, name = table.rpartition(".")
    among = [database] if database else ["temp", current(db)]
    return [column for one in among for column in columns(db, one) if column.table == name]


def current(db: DuckDBPyConnection) -> str:
    """The name of the current database."""
    return str(db.execute("SELECT current_database()").fetchall()[0][0])
