"""The data dictionary as a reference page, with the types that the publisher makes."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.dictionary import UNITS, Column, Kind, columns, dictionary
from warehouse.manifest import NATIONAL
from warehouse.migrate import migrate
from warehouse.published import write
from warehouse.sql import query

# Region and name of an example of each kind of DuckDB file.
FILES: dict[Kind, tuple[str, str]] = {
    "province": ("110000", "110000-20230714T000000-000001.duckdb"),
    "names": ("110000", "names-110000-20230714T000000-000001.duckdb"),
    "national": (NATIONAL, "national-20230714T000000-000001.duckdb"),
}
HEADINGS: dict[Kind, str] = {
    "province": "A province's file, `110000-….duckdb`",
    "names": "The names of a province's teachers, `names-110000-….duckdb`",
    "county": "A county's Parquet file, `110101-….parquet`",
    "national": "The national file, `national-….duckdb`",
}


def schema(kind: Kind) -> list[tuple[str, str, str]]:
    """(table, column, type) of a file as the publisher makes it, in the order of the file."""
    with duckdb.connect() as db:
        migrate(db, 0)
        db.execute("SET VARIABLE as_of = TIMESTAMPTZ '2023-07-14 00:00+08'")
        db.execute("SET VARIABLE publication_id = ''")
        db.execute(query("publication"))
        return _county(db) if kind == "county" else _duckdb(db, kind)


def _duckdb(db: DuckDBPyConnection, kind: Kind) -> list[tuple[str, str, str]]:
    region, file = FILES[kind]
    with TemporaryDirectory() as folder:
        write(db, Path(folder), file, region, kind)
        db.execute(f"ATTACH '{folder}/{file}' AS made (READ_ONLY)")
        return columns(db, "made")


def _county(db: DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """One table, which its file does not name."""
    found = db.execute(f"DESCRIBE {query('publish_counties')}").fetchall()
    return [("teachers", column, type_) for column, type_, *_ in found]


def page() -> str:
    """The reference page."""
    return "\n".join((
        "# Data dictionary", "",
        "Every table and column of the published files, made from `warehouse/dictionary.toml` and",
        "from the files that the publisher makes, by `xueshi docs`. The files say the same",
        "themselves: `SELECT table_name, column_name, comment FROM duckdb_columns()`.", "",
        "Amounts of time are whole seconds; only what is shown is divided (rule 6). Instants are",
        "`TIMESTAMP WITH TIME ZONE`, days those of Asia/Shanghai.", "",
        *(line for kind in HEADINGS for line in _file(kind)),
    ))


def _file(kind: Kind) -> Iterator[str]:
    types = {(table, column): type_ for table, column, type_ in schema(kind)}
    yield from (f"## {HEADINGS[kind]}", "")
    for table in dictionary().tables(kind):
        yield from (f"### `{table.name}` {table.label}", "", f"{_sentence(table.grain)}.", "",
                    "| column | 中文 | type | unit | meaning |", "| --- | --- | --- | --- | --- |")
        yield from (_line(column, types.get((table.name, column.name), ""))
                    for column in table.columns)
        yield ""


def _line(column: Column, type_: str) -> str:
    personal = " *Only for accounts that may see names.*" if column.personal else ""
    return (f"| `{column.name}` | {column.label} | {type_} | {UNITS[column.unit][0]} "
            f"| {column.meaning}{personal} |")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
