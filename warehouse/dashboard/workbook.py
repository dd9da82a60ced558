"""A sheet as an Excel workbook that is sent while its rows are read: they are written straight
into the worksheets of a zip file in which nobody goes back.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice

from warehouse.dashboard.export import About, Chunks, lines
from warehouse.dashboard.sheet import Line, Sheet
from warehouse.dashboard.workbook_template import HEAD_ROWS, Template, readable, template

# Excel has 1,048,576 rows; what is more goes on in another worksheet.
SHEET_ROWS = 1_000_000
CHUNK_ROWS = 500
CHUNK_BYTES = 64 * 1024
MOST_LETTERS = 32_767  # of a cell
FAST = 3
DAY_0 = date(1899, 12, 30)  # Excel's, for all days after February 1900


class _Sink:
    """What the zip file is written to, and taken from while it is written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """ZipFile asks for it; nothing is held back."""

    def close(self) -> None:
        """The same: nothing is open."""

    def taken(self) -> bytes:
        """All that was written since the last time."""
        data = b"".join(self._parts)
        self._parts, self.size = [], 0
        return data


def as_xlsx(sheet: Sheet, about: About) -> Chunks:
    """The workbook, piece by piece; text is never a formula. The first comes after a few rows.

    Raises:
        ValueError: there are more rows than the sheet says.
    """
    rows, sink = lines(sheet), _Sink()
    made = template(sheet, about.lines(sheet.title), _pages(sheet))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as book:
        for name, part in made.parts:
            book.writestr(name, part)
        for page in made.pages:
            with book.open(page.name, "w") as file:
                file.write(page.head)
                for some in _written(islice(rows, SHEET_ROWS), made):
                    file.write(some)
                    if sink.size >= CHUNK_BYTES:
                        yield sink.taken()
                file.write(page.tail)
        if next(rows, None) is not None:
            raise ValueError(f"{sheet.id} has more than {sheet.found} rows")
    yield sink.taken()


def _pages(sheet: Sheet) -> int:
    rows = sheet.found + (sheet.footer is not None)
    return max(1, -(-rows // SHEET_ROWS))


def _written(rows: Iterator[Line], made: Template) -> Iterator[bytes]:
    number = HEAD_ROWS + 1
    while some := list(islice(rows, CHUNK_ROWS)):
        yield "".join(_row(at, line, made) for at, line in enumerate(some, number)).encode()
        number += len(some)


def _row(number: int, line: Line, made: Template) -> str:
    cells = "".join(
        _cell(f"{letters}{number}", value, style, made.styles)
        for (letters, style), value in zip(made.columns, line, strict=True) if value is not None)
    return f'<row r="{number}">{cells}</row>'


def _cell(at: str, value: str | float | date, style: str, styles: dict[str, str]) -> str:
    """A text is written where it stands; its first character may choose its colour."""
    if isinstance(value, str):
        return f'<c r="{at}"{styles.get(value[:1], "")} t="inlineStr"><is>{_text(value)}</is></c>'
    if isinstance(value, date):
        return f'<c r="{at}"{styles["day"]}><v>{(value - DAY_0).days}</v></c>'
    return f'<c r="{at}"{style}><v>{value}</v></c>'


# Control characters, which XML cannot hold, and text that looks like Excel's escape for them.
ESCAPED = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9a-fA-F]{4}_)")
MARKUP = re.compile("[&<>]")


@lru_cache(4096)
def _text(value: str) -> str:
    """The element of a text; most stand in many rows: schools, places, states."""
    text = ESCAPED.sub(lambda it: f"_x{ord(it[0]):04X}_", readable(value[:MOST_LETTERS]))
    text = MARKUP.sub(lambda it: f"&#{ord(it[0])};", text)
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<t{kept}>{text}</t>"
