"""A report as terminal table, JSON, CSV or Excel workbook: the same figures in each.

Hours have two decimals and rates one, rounded down: 10.00 hours are never shown before they
are reached. Red and blue never stand alone, words say the same (rule 25).
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from warehouse.figures import STAGES, CourseFigures, Row
from warehouse.report import Report

Style = Literal["text", "count", "rate", "hours", "status"]

STAGE_NAMES = {
    "on_roster": "在册", "registered": "已注册", "enrolled": "已报名", "started": "已开始",
    "completed": "已结业", "verified": "已审核", "certificate": "获证书",
}
NUMBER_FORMATS = {"count": "#,##0", "rate": "0.0", "hours": "#,##0.00"}


def hours(seconds: int, seconds_per_hour: int) -> float:
    """Hours with two decimals, rounded down (rule 6: only divided when shown)."""
    return seconds * 100 // seconds_per_hour / 100


def rate(count: int, of: int) -> float | None:
    """Per cent with one decimal, rounded down; None of nothing."""
    return count * 1000 // of / 10 if of else None


def status(reached: bool | None) -> str:
    """Rule 25 in words and shape."""
    if reached is None:
        return "—"
    return "✔ 已达标" if reached else "✘ 未达标"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value under its heading."""

    heading: str
    style: Style
    value: str | int | float | None


def cells(report: Report, row: Row) -> Iterator[Cell]:
    """A row of CSV and Excel; every row of a report has the same headings."""
    yield Cell("代码", "text", row.code)
    yield Cell("名称", "text", row.name)
    for stage in STAGES:
        yield Cell(f"{STAGE_NAMES[stage]}人数", "count", row.stages[stage])
        if stage != "on_roster":
            share = rate(row.stages[stage], row.stages["on_roster"])
            yield Cell(f"{STAGE_NAMES[stage]}率（%）", "rate", share)
    yield Cell("身份已审核人数（不论进度）", "count", row.verified_at_all)
    yield from _hours(report, "", row.learned, row.credited, row.required)
    yield Cell("被认定学时", "hours", hours(row.recognised, report.programme.seconds_per_hour))
    yield Cell("状态", "status", status(row.reached))
    for course in row.courses:
        yield from _course_cells(report, course)
    yield Cell("专题", "text", report.programme.name)
    yield Cell("数据截至", "text", report.as_of_local)


def _hours(
    report: Report, prefix: str, learned: int, credited: int, required: int
) -> Iterator[Cell]:
    amounts = (("已学习学时", learned), ("已认定学时", credited), ("认定学时", required))
    for heading, seconds in amounts:
        yield Cell(prefix + heading, "hours", hours(seconds, report.programme.seconds_per_hour))


def _course_cells(report: Report, course: CourseFigures) -> Iterator[Cell]:
    prefix = f"{course.name}·"
    yield from _hours(report, prefix, course.learned, course.credited, course.required)
    yield Cell(f"{prefix}达标人数", "count", course.teachers_reached)
    yield Cell(f"{prefix}状态", "status", status(course.reached))


def as_json(report: Report) -> str:
    """Everything, in seconds and in hours."""
    per_hour = report.programme.seconds_per_hour
    document = {
        "publication_id": report.publication_id,
        "as_of": report.as_of_local,
        "region": {"code": report.region, "name": report.region_name},
        "programme": {
            "id": report.programme.id,
            "name": report.programme.name,
            "seconds_per_hour": per_hour,
            "required_seconds": report.programme.required,
        },
        "rows": [_row_object(row, per_hour) for row in report.rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _row_object(row: Row, per_hour: int) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "code": row.code,
        "name": row.name,
        "stages": row.stages,
        "rates_percent": {s: rate(row.stages[s], row.stages["on_roster"]) for s in STAGES[1:]},
        "verified_at_all": row.verified_at_all,
        **_amounts(row.learned, row.credited, row.required, per_hour),
        "recognised_seconds": row.recognised,
        "recognised_hours": hours(row.recognised, per_hour),
        "status": status(row.reached),
        "courses": [
            {
                "id": course.course_id,
                "name": course.name,
                **_amounts(course.learned, course.credited, course.required, per_hour),
                "teachers_reached": course.teachers_reached,
                "status": status(course.reached),
            }
            for course in row.courses
        ],
    }


def _amounts(learned: int, credited: int, required: int, per_hour: int) -> dict[str, Any]:
    seconds = {"learned": learned, "credited": credited, "required": required}
    return {
        **{f"{name}_seconds": value for name, value in seconds.items()},
        **{f"{name}_hours": hours(value, per_hour) for name, value in seconds.items()},
    }


def as_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark, without which Excel shows Chinese as noise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for number, row in enumerate(report.rows):
        line = list(cells(report, row))
        if number == 0:
            writer.writerow([cell.heading for cell in line])
        writer.writerow([_csv_text(cell) for cell in line])
    return text.getvalue().encode("utf-8-sig")


def _csv_text(cell: Cell) -> str:
    match cell.style:
        case "hours":
            return f"{cell.value:.2f}"
        case "rate":
            return "" if cell.value is None else f"{cell.value:.1f}"
    text = str(cell.value)
    # Excel runs text that begins so as a formula, and names come from outside.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def as_xlsx(report: Report) -> bytes:
    """A workbook of one sheet whose heading stays in view; text never becomes a formula."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("区域进度")
        sheet.freeze_panes(1, 2)
        formats = _formats(book)
        for number, row in enumerate(report.rows, 1):
            line = list(cells(report, row))
            if number == 1:  # a row is written whole: constant_memory never goes back
                for place, cell in enumerate(line):
                    sheet.write_string(0, place, cell.heading, formats["heading"])
            for place, cell in enumerate(line):
                _write(sheet, number, place, cell, formats)
    return data.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    numbers = {style: book.add_format({"num_format": f}) for style, f in NUMBER_FORMATS.items()}
    return {
        **numbers,
        "heading": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
        "✔": book.add_format({"font_color": "#0B5CAD"}),
        "✘": book.add_format({"font_color": "#C00000"}),
    }


def _write(sheet: Any, row: int, place: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell.value is None:
        return
    if cell.style in NUMBER_FORMATS:
        sheet.write_number(row, place, cell.value, formats[cell.style])
    elif cell.style == "status":
        sheet.write_string(row, place, cell.value, formats.get(str(cell.value)[0]))
    else:
        sheet.write_string(row, place, cell.value)
