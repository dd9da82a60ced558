"""From a file to records: all of it, or every fault with its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.schemas.base import Record
from registry.forms import AT, Column, Form, Values
from registry.sheets import Line, Sheet, sheets


@dataclass(slots=True)
class Reading:
    """What a file says: records in its order, or faults, one line each."""

    records: list[Record] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(path: Path, forms: Sequence[Form], now: int) -> Reading:
    """Read the file; a line without a moment holds from `now` (epoch ms) on.

    Raises:
        SheetError: the file cannot be read at all.
    """
    reading = Reading()
    for sheet in sheets(path):
        form = next((form for form in forms if form.fits(set(sheet.headers))), None)
        if form is None:
            reading.faults.append(_unknown(sheet, forms))
        else:
            _read(sheet, form, now, reading)
    if not reading.records and not reading.faults:
        reading.faults.append(f"{path.name}: there is nothing in it")
    return reading


def _unknown(sheet: Sheet, forms: Sequence[Form]) -> str:
    wanted = "; ".join(
        f"{form.kind}: {', '.join(c.headers[0] for c in form.columns if c.required)}"
        for form in forms)
    return f"{sheet.place}: the first line must have the headers of one of: {wanted}"


def _read(sheet: Sheet, form: Form, now: int, reading: Reading) -> None:
    said: dict[tuple[Any, ...], str] = {}
    for line in sheet.lines:
        faults: list[str] = []
        values = dict(_values(line, form.columns, faults))
        record = None if faults else _made(form, {**_moment(form, now), **values}, faults)
        if record is not None:
            _require_once(record, line, said, faults)
            reading.records.append(record)
        reading.faults += [f"{line.place}: {fault}" for fault in faults]


def _moment(form: Form, now: int) -> Values:
    return {"at": now} if AT in form.columns else {}


def _values(
    line: Line, columns: Sequence[Column], faults: list[str]
) -> Iterator[tuple[str, Any]]:
    for column in columns:
        cell = next((line.cells[h] for h in column.headers if h in line.cells), None)
        if cell is None:
            if column.required:
                faults.append(f"{column.headers[0]}: missing")
            continue
        try:
            yield column.name, column.read(cell)
        except ValueError as error:
            faults.append(f"{column.headers[0]}: {error}")


def _made(form: Form, values: Mapping[str, Any], faults: list[str]) -> Record | None:
    names = {column.name: column.headers[0] for column in form.columns}
    try:
        return form.make(values)
    except ValidationError as error:
        faults += [f"{names.get(str(fault['loc'][0]), fault['loc'][0])}: {fault['msg']}"
                   for fault in error.errors()]
    except ValueError as error:
        faults.append(str(error))
    return None


def _require_once(
    record: Record, line: Line, said: dict[tuple[Any, ...], str], faults: list[str]
) -> None:
    """Two lines about the same thing and moment contradict each other, or one is too many."""
    body = record.model_dump()
    identity = tuple(body.get(name) for name in (
        "teacher_id" if "teacher_id" in body else "school_id" if "school_id" in body else "region",
        "programme_id", "course_id", "at"))
    if identity in said:
        faults.append(f"says the same thing again as {said[identity]}")
    said.setdefault(identity, line.place)
