"""Rows of CSV and Excel files as texts by header, each with the place it stands at."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

Rows = Iterator[tuple[int, Sequence[Any]]]
ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel in China writes when it saves as CSV


class SheetError(Exception):
    """The file cannot be read at all; one line that says why."""


class Line(NamedTuple):
    """One row: `place` says where, `cells` are the texts by header; empty cells are left out."""

    place: str
    cells: dict[str, str]


class Sheet(NamedTuple):
    """A table of a file with its headers, in their order."""

    place: str
    headers: tuple[str, ...]
    lines: Iterator[Line]


def sheets(path: Path) -> Iterator[Sheet]:
    """Every table of a .csv or .xlsx file; empty ones are left out.

    Raises:
        SheetError: no such file, another kind of file, or it is broken.
    """
    match path.suffix.lower():
        case ".csv":
            yield from _tables({path.name: _csv_rows(path)})
        case ".xlsx":
            yield from _tables(_workbook(path))
        case other:
            raise SheetError(f"{path.name}: {other or 'no ending'} is not .csv or .xlsx")


def _tables(found: dict[str, Rows]) -> Iterator[Sheet]:
    for place, rows in found.items():
        _, first = next(rows, (0, ()))
        headers = tuple(_text(cell) for cell in first)
        if any(headers):
            yield Sheet(place, headers, _lines(place, headers, rows))


def _lines(place: str, headers: Sequence[str], rows: Rows) -> Iterator[Line]:
    for number, row in rows:
        cells = {header: text for header, cell in zip(headers, row, strict=False)
                 if header and (text := _text(cell))}
        if cells:
            yield Line(f"{place}, line {number}", cells)


def _csv_rows(path: Path) -> Rows:
    """With the line each ends on. Raises SheetError: it is text in no encoding known here."""
    for encoding in ENCODINGS:
        try:
            reader = csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""))
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise SheetError(f"{path}: {error.strerror}") from error
        return ((reader.line_num, row) for row in reader)
    raise SheetError(f"{path.name}: neither UTF-8 nor GB 18030: save it as UTF-8")


def _workbook(path: Path) -> dict[str, Rows]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise SheetError(f"{path.name}: not an Excel workbook that can be read") from error
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}") from error
    return {f"{path.name}, sheet {sheet.title}": enumerate(sheet.iter_rows(values_only=True), 1)
            for sheet in book.worksheets}


def _text(cell: Any) -> str:
    """A cell as it is read; Excel gives numbers and dates where a person sees a text."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell).strip()
