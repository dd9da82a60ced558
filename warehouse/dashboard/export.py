"""Downloads: a sheet as CSV or Excel, written row by row, whole lists in bounded memory."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from warehouse.dashboard.sheet import Sheet, Style, flat, flat_columns
from warehouse.render import NUMBER_FORMATS

CHUNK_ROWS = 1000
CHUNK_BYTES = 256 * 1024
# Excel has 1,048,576 rows; what is more goes on in another worksheet.
SHEET_ROWS = 1_000_000
HEAD_ROWS = 3
WIDTHS: dict[Style, int] = {"text": 22, "code": 16, "status": 13, "day": 12}

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


def as_csv(sheet: Sheet, about: About) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, without which Excel shows Chinese as noise. The last two
    columns say programme and as-of time, so that the rows need nothing beside them.
    """
    headings = [heading for heading, _ in flat_columns(sheet.columns)]
    yield ("\ufeff" + _csv_lines([[*headings, "专题", "数据截至"]])).encode()
    tail = [about.programme, about.as_of]
    lines = ([*_csv_cells(line), *tail] for line in _lines(sheet))
    while some := list(islice(lines, CHUNK_ROWS)):
        yield _csv_lines(some).encode()


def _lines(sheet: Sheet) -> Iterator[list[Any]]:
    for row in sheet.rows:
        yield flat(sheet.columns, row)
    if sheet.footer is not None:
        yield flat(sheet.columns, sheet.footer)


def _csv_lines(lines: list[list[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue()


def _csv_cells(line: Sequence[Any]) -> list[Any]:
    return [harmless(value) if isinstance(value, str) else value for value in line]


def harmless(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def as_xlsx(sheet: Sheet, about: About) -> IO[bytes]:
    """A workbook in an unnamed temporary file, read from its beginning; text is never a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent, by `chunks`
    try:
        # constant_memory: a row is written out as soon as the next begins.
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            lines, styles = _lines(sheet), _formats(book)
            first = next(lines, None)
            number = 0
            while first is not None or number == 0:
                number += 1
                page = _worksheet(book, sheet, about, styles, number)
                first = _fill(page, sheet, lines, first, styles)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _formats(book: Any) -> dict[str, Any]:
    numbers = {"count": NUMBER_FORMATS["count"], "hours": NUMBER_FORMATS["hours"],
               "percent": NUMBER_FORMATS["rate"], "day": "yyyy-mm-dd"}
    return {
        **{style: book.add_format({"num_format": form}) for style, form in numbers.items()},
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
        "✔": book.add_format({"font_color": "#0B5CAD"}),
        "✘": book.add_format({"font_color": "#C00000"}),
    }


def _worksheet(
    book: Any, sheet: Sheet, about: About, styles: dict[str, Any], number: int
) -> Any:
    page = book.add_worksheet("数据" if number == 1 else f"数据（续 {number}）")
    title, told = about.lines(sheet.title)
    columns = flat_columns(sheet.columns)
    for place, (_, style) in enumerate(columns):
        page.set_column(place, place, WIDTHS.get(style, 11))
    page.write_string(0, 0, title, styles["title"])
    page.write_string(1, 0, told)
    for place, (heading, _) in enumerate(columns):
        page.write_string(HEAD_ROWS - 1, place, heading, styles["heading"])
    page.freeze_panes(HEAD_ROWS, 1)
    page.set_landscape()
    page.repeat_rows(HEAD_ROWS - 1)
    return page


def _fill(
    page: Any, sheet: Sheet, lines: Iterator[list[Any]], first: list[Any] | None,
    styles: dict[str, Any],
) -> list[Any] | None:
    """Write as many rows as a worksheet holds; the first that did not fit."""
    kinds = [style for _, style in flat_columns(sheet.columns)]
    row = HEAD_ROWS
    while first is not None and row < HEAD_ROWS + SHEET_ROWS:
        _write(page, row, first, kinds, styles)
        first = next(lines, None)
        row += 1
    return first


def _write(
    page: Any, row: int, line: list[Any], kinds: list[Style], styles: dict[str, Any]
) -> None:
    for place, (value, kind) in enumerate(zip(line, kinds, strict=True)):
        if value is None:
            continue
        if isinstance(value, str):
            page.write_string(row, place, value, styles.get(value[:1]))
        elif isinstance(value, date):
            page.write_datetime(row, place, value, styles["day"])
        else:
            page.write_number(row, place, value, styles.get(kind))


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of the file, which is closed at its end."""
    with file:
        while some := file.read(CHUNK_BYTES):
            yield some
