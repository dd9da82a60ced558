"""A sheet: one table, the same for the page, for CSV and for Excel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from warehouse.render import hours, rate

Style = Literal["text", "code", "count", "share", "hours", "percent", "status", "day"]


class Link(NamedTuple):
    """A value that leads to another page; a file has the value alone."""

    value: str | int
    href: str


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. A page shows both in one cell, a file in two."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """Rounded down to one decimal; None of nothing."""
        return rate(self.count, self.of)


Value = str | int | float | date | Link | Share | None
Row = tuple[Value, ...]
Line = list[str | int | float | date | None]  # a row of a file


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in addresses and to the pictures. `sort`: what rows are sorted by, in the
    terms of whoever makes the sheet; '' if the column does not sort.

    `merit`: sorting by it would be a ranking (rule 28), so it needs the programme's leave.
    """

    key: str
    heading: str
    style: Style = "text"
    sort: str = ""
    merit: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows`: those of the page asked for, or all; `found`: how many there are in all.

    `id`: its name in addresses. `footer`: a last row, on every page. `note`: how to read it.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    found: int
    footer: Row | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Turns seconds into hours as they are shown (rule 6)."""

    seconds_per_hour: int

    def __call__(self, seconds: int) -> float:
        return hours(seconds, self.seconds_per_hour)


def flat(columns: Sequence[Column], row: Row) -> Line:
    """A row as a file has it: a share takes two cells, a link is its value."""
    line: Line = []
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, Share):
            line += [value.count, value.percent]
        elif column.style == "share":
            line += [None, None]
        else:
            line.append(value.value if isinstance(value, Link) else value)
    return line


def flat_columns(columns: Sequence[Column]) -> list[tuple[str, Style]]:
    """Headings and styles of a file's columns, as `flat` lays the values out."""
    line: list[tuple[str, Style]] = []
    for column in columns:
        if column.style == "share":
            line += [(f"{column.heading}人数", "count"), (f"{column.heading}率（%）", "percent")]
        else:
            line.append((column.heading, column.style))
    return line
