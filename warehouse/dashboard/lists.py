"""A list that may be long: cut, sorted and counted by DuckDB, and never whole in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.sheet import Column, Row
from warehouse.sql import query

FETCH = 2000  # rows at once


@dataclass(frozen=True, slots=True)
class Rows:
    """What a list is cut from: a query, the rows of it that are wanted, their order.

    `asked`: the parameters of all three. Nothing that a reader sends is in the texts.
    """

    sql: str
    filter: str
    order: str
    asked: dict[str, Any]

    def count(self, db: DuckDBPyConnection) -> int:
        """How many there are."""
        text = query("dashboard_count").format(rows=self.sql, filter=self.filter)
        found = db.execute(text, self.asked).fetchone()
        return int(found[0]) if found else 0

    def page(
        self, db: DuckDBPyConnection, limit: int | None, offset: int,
        make: Callable[[tuple[Any, ...]], Row],
    ) -> Iterable[Row]:
        """So many rows from an offset on; with `limit` None all of them, one by one, and nothing
        is read before the first is asked for.
        """
        text = query("dashboard_page").format(rows=self.sql, filter=self.filter, order=self.order)
        asked = {**self.asked, "limit": limit, "offset": offset}
        if limit is None:
            return map(make, read(db, text, asked))
        return [make(row) for row in db.execute(text, asked).fetchall()]


def read(db: DuckDBPyConnection, sql: str, asked: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The statement's rows one by one; nothing is read before the first is asked for."""
    found = db.execute(sql, asked)
    while some := found.fetchmany(FETCH):
        yield from some


def order(asked: Asked, columns: tuple[Column, ...], ranking: bool, usual: str) -> str:
    """The ORDER BY of what is asked for; `usual` decides among equals."""
    column = asked.order(columns, ranking)
    if column is None:
        return usual
    return f"{column.sort} {'DESC' if asked.down else 'ASC'} NULLS LAST, {usual}"
