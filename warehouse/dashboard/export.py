"""A sheet as rows of a file, and as CSV: whole lists row by row, in bounded memory."""

import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from warehouse.dashboard.sheet import Line, Sheet, flat, flat_columns

CHUNK_ROWS = 1000
Chunks = Generator[bytes, None, None]  # of a file; closing it gives up the rest

# Excel and others run text that begins so as a formula, and names come from outside.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself. `asked`: search and choice in words, '' for everything."""

    place: str
    programme: str
    as_of: str
    publication_id: str
    asked: str = ""

    def lines(self, title: str) -> tuple[str, str]:
        """Two lines above the table."""
        told = f"专题：{self.programme}　数据截至：{self.as_of}（北京时间）　发布：" \
            f"{self.publication_id}"
        return f"{self.place}　{title}", told + (f"　筛选：{self.asked}" if self.asked else "")


def as_csv(sheet: Sheet, about: About) -> Chunks:
    """UTF-8 with a byte order mark, without which Excel shows Chinese as noise. The last two
    columns say programme and as-of time, so that the rows need nothing beside them.
    """
    headings = [heading for heading, _ in flat_columns(sheet.columns)]
    tail, mark = [about.programme, about.as_of], "\ufeff"
    rows = chain([[*headings, "专题", "数据截至"]],
                 ([*_csv_cells(line), *tail] for line in lines(sheet)))
    while some := list(islice(rows, CHUNK_ROWS)):
        yield (mark + _csv_lines(some)).encode()
        mark = ""


def lines(sheet: Sheet) -> Iterator[Line]:
    """The sheet's rows as a file has them, and its footer."""
    for row in sheet.rows:
        yield flat(sheet.columns, row)
    if sheet.footer is not None:
        yield flat(sheet.columns, sheet.footer)


def _csv_lines(rows: list[list[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _csv_cells(line: Line) -> list[Any]:
    return [harmless(value) if isinstance(value, str) else value for value in line]


def harmless(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA) else text
