"""What the published files' tables and columns mean: for the reference page, the SQL box, and as
comments in the files themselves.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from duckdb import DuckDBPyConnection

FILE = Path(__file__).with_name("dictionary.toml")

Kind = Literal["province", "names", "county", "national"]
UNITS = {"": ("", ""), "s": ("seconds", "秒"), "teachers": ("teachers", "人"),
         "events": ("events", "次")}


@dataclass(frozen=True, slots=True)
class Column:
    """`unit`: a key of UNITS; `label`: in Chinese; `personal`: only for who may see names."""

    name: str
    unit: str
    label: str
    meaning: str
    personal: bool

    @property
    def unit_label(self) -> str:
        return UNITS[self.unit][1]


@dataclass(frozen=True, slots=True)
class Table:
    """`grain`: what one row stands for; `row`: the same in Chinese, as `label` is."""

    name: str
    files: tuple[Kind, ...]
    label: str
    row: str
    grain: str
    columns: tuple[Column, ...]


class Dictionary:
    """The tables of every kind of published file."""

    def __init__(self, tables: tuple[Table, ...]) -> None:
        self._tables = tables

    def tables(self, kind: Kind) -> list[Table]:
        """Those of one kind of file, as an analyst would meet them."""
        return [table for table in self._tables if kind in table.files]

    def personal(self, kind: Kind) -> set[tuple[str, str]]:
        """(table, column) that only accounts that may see names get."""
        return {(table.name, column.name) for table in self.tables(kind)
                for column in table.columns if column.personal}

    def comment(self, db: DuckDBPyConnection, catalog: str, kind: Kind) -> None:
        """Write the meanings into the attached file, for every table and column that it has."""
        there = {(table, column) for table, column, _ in columns(db, catalog)}
        for table in self.tables(kind):
            if any(name == table.name for name, _ in there):
                about = f"{table.label}（{table.row}）: {table.grain}"
                _comment(db, f'TABLE {catalog}."{table.name}"', about)
            for column in table.columns:
                if (table.name, column.name) in there:
                    where = f'COLUMN {catalog}."{table.name}"."{column.name}"'
                    _comment(db, where, _in_full(column))


def _comment(db: DuckDBPyConnection, where: str, text: str) -> None:
    quoted = text.replace("'", "''")
    db.execute(f"COMMENT ON {where} IS '{quoted}'")


def _in_full(column: Column) -> str:
    unit = f"（{column.unit_label}）" if column.unit else ""
    return f"{column.label}{unit}: {column.meaning}"


@cache
def dictionary() -> Dictionary:
    """The dictionary of dictionary.toml."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["table"]
    return Dictionary(tuple(map(_table, found)))


def _table(said: dict[str, Any]) -> Table:
    personal = said.get("personal", [])
    columns = tuple(Column(name, unit, label, meaning, name in personal)
                    for name, unit, label, meaning in said["columns"])
    return Table(said["name"], tuple(said["files"]), said["label"], said["row"], said["grain"],
                 columns)


def columns(db: DuckDBPyConnection, catalog: str) -> list[tuple[str, str, str]]:
    """(table, column, type) of an attached database, in its order."""
    return db.execute("""
        SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = ? ORDER BY table_oid, column_index""", [catalog]).fetchall()
