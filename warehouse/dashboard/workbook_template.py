"""A workbook without its rows, which XlsxWriter makes: styles, titles, headings, widths, what is
printed on each page.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from warehouse.dashboard.sheet import Sheet, Style, flat_columns
from warehouse.render import NUMBER_FORMATS

HEAD_ROWS = 3
WIDTHS: dict[Style, int] = {"text": 22, "code": 16, "status": 13, "day": 12}
FORMATS: dict[str, dict[str, Any]] = {
    "count": {"num_format": NUMBER_FORMATS["count"]},
    "hours": {"num_format": NUMBER_FORMATS["hours"]},
    "percent": {"num_format": NUMBER_FORMATS["rate"]},
    "day": {"num_format": "yyyy-mm-dd"},
    "✔": {"font_color": "#0B5CAD"},
    "✘": {"font_color": "#C00000"},
}
NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet without its rows: what comes before and behind them."""

    name: str
    head: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """`parts`: what is copied as it is, by name; `columns`: each column's letters and the
    attribute of its cells that names their format; `styles`: this attribute of every format.
    """

    parts: list[tuple[str, bytes]]
    pages: list[Page]
    columns: list[tuple[str, str]]
    styles: dict[str, str]


def template(sheet: Sheet, told: tuple[str, str], pages: int) -> Template:
    """For so many worksheets. `told`: the lines above the table."""
    parts, made, styles = [], [], dict[str, str]()
    with zipfile.ZipFile(_written(sheet, told, pages)) as book:
        for name in book.namelist():
            part = book.read(name)
            if name.startswith("xl/worksheets/"):
                page, styles = _page(name, part.decode())
                made.append(page)
            else:
                parts.append((name, part))
    columns = [(xl_col_to_name(place), styles.get(style, ""))
               for place, (_, style) in enumerate(flat_columns(sheet.columns))]
    return Template(parts, made, columns, styles)


def _written(sheet: Sheet, told: tuple[str, str], pages: int) -> io.BytesIO:
    """XlsxWriter's file: below the headings of each worksheet stands one cell of each format."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        title = book.add_format({"bold": True, "font_size": 14})
        heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        formats = [book.add_format(made) for made in FORMATS.values()]
        for number in range(1, pages + 1):
            page = book.add_worksheet("数据" if number == 1 else f"数据（续 {number}）")
            page.write_string(0, 0, readable(told[0]), title)
            page.write_string(1, 0, readable(told[1]))
            _head(page, sheet, heading)
            for place, format_ in enumerate(formats):
                page.write_blank(HEAD_ROWS, place, None, format_)
    return file


def _head(page: Any, sheet: Sheet, heading: Any) -> None:
    for place, (text, style) in enumerate(flat_columns(sheet.columns)):
        page.set_column(place, place, WIDTHS.get(style, 11))
        page.write_string(HEAD_ROWS - 1, place, text, heading)
    page.freeze_panes(HEAD_ROWS, 1)
    page.set_landscape()
    page.repeat_rows(HEAD_ROWS - 1)


def _page(name: str, xml: str) -> tuple[Page, dict[str, str]]:
    """The worksheet, and what the row of formats tells of them.

    How far the cells reach is left out: programs believe it, and it would be the template's.
    """
    head, _, rest = xml.partition(f'<row r="{HEAD_ROWS + 1}"')
    row, end, tail = rest.partition("</sheetData>")
    styles = dict(zip(FORMATS, re.findall(r' s="\d+"', row), strict=True))
    head = re.sub(r"<dimension [^>]*/>", "", head)
    return Page(name, head.encode(), (end + tail).encode()), styles


def readable(text: str) -> str:
    """The text with a replacement character for each that is none: no XML may hold them."""
    return NO_CHARACTER.sub("\ufffd", text)
