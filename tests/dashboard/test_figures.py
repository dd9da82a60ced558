"""The same figure from any path is the same number: pages, files, `xueshi report`, and SQL."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from openpyxl import load_workbook

from pipeline.settings import Settings
from tests.dashboard.page import Cell, Page, Table
from tests.dashboard.serving import dashboard
from warehouse.figures import STAGES, Row
from warehouse.render import hours
from warehouse.report import Report, report

# Region of the page → account that opens it, and the region its data comes from.
PLACES = {
    "000000": "000000", "110000": "110000", "110100": "110000", "110101": "110000",
    "110102": "110100", "440000": "440000", "441900": "441900",
}


@pytest.fixture(scope="module")
def client(country_dir: Path) -> Iterator[httpx.Client]:
    with dashboard(country_dir) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def get(client: httpx.Client, path: str, account: str) -> httpx.Response:
    answer = client.get(path, headers={"X-Account": account})
    assert answer.status_code == 200, path
    return answer


def page(client: httpx.Client, path: str, account: str) -> Page:
    return Page(get(client, path, account).text)


def total(made: Report) -> Row:
    return next(row for row in made.rows if row.kind == "total")


def shown_hours(made: Report, seconds: int) -> str:
    return str(hours(seconds, made.programme.seconds_per_hour))


@pytest.mark.parametrize("region", PLACES)
def test_rule_27_the_funnel_is_that_of_the_report(
    client: httpx.Client, country_dir: Path, region: str
) -> None:
    made = report(country_dir / "published", region)
    table = page(client, f"/regions/{region}", PLACES[region]).tables["funnel"]
    assert table.column("count") == [str(total(made).stages[stage]) for stage in STAGES]


@pytest.mark.parametrize("region", PLACES)
def test_the_places_are_those_of_the_report(
    client: httpx.Client, country_dir: Path, region: str
) -> None:
    made = report(country_dir / "published", region)
    table = page(client, f"/regions/{region}", PLACES[region]).tables["places"]
    below = [row for row in made.rows if row.kind not in ("total", "not_on_roster")]
    assert [line(made, row) for row in below] == [values(row) for row in table.rows]
    assert table.footer is not None
    assert values(table.footer) == line(made, total(made))


def line(made: Report, row: Row) -> list[str]:
    seconds = (row.learned, row.credited, row.required, row.recognised)
    return [row.code, row.name, *(str(row.stages[stage]) for stage in STAGES),
            *(shown_hours(made, amount) for amount in seconds)]


def values(row: dict[str, Any]) -> list[str]:
    keys = ("code", "name", *STAGES, "learned", "credited", "required", "recognised")
    return [row[key].value for key in keys]


@pytest.mark.parametrize("region", PLACES)
def test_the_courses_are_those_of_the_report(
    client: httpx.Client, country_dir: Path, region: str
) -> None:
    made = report(country_dir / "published", region)
    table = page(client, f"/regions/{region}", PLACES[region]).tables["courses"]
    expected = [
        [course.name, str(course.teachers_reached), *(shown_hours(made, seconds) for seconds in (
            course.learned, course.credited, course.required))]
        for course in total(made).courses if course.required]
    assert expected == [[row[key].value for key in
                         ("course", "reached", "learned", "credited", "required")]
                        for row in table.rows if row["required"].value]


# Straight from the tables the loader keeps, without anything of the publisher's.
COUNTS = """
    SELECT schools.region, count(*), count_if(registered),
           count_if(registered AND enrolled_at IS NOT NULL),
           count_if(registered AND enrolled_at IS NOT NULL AND started_at IS NOT NULL),
           count_if(registered AND enrolled_at IS NOT NULL AND started_at IS NOT NULL
                    AND completed_at IS NOT NULL)
    FROM teachers JOIN schools USING (school_id)
    LEFT JOIN progress ON progress.teacher_id = teachers.teacher_id AND programme_id = 'summer'
    GROUP BY ALL"""
CREDITED = """
    SELECT courses.name, coalesce(sum(credited), 0)
    FROM courses
    LEFT JOIN (FROM course_progress JOIN teachers USING (teacher_id) JOIN schools USING (school_id)
               WHERE schools.region = ?) AS known USING (programme_id, course_id)
    WHERE courses.required > 0
    GROUP BY ALL"""


@pytest.mark.parametrize("region", ["110101", "110102", "441900"])
def test_figures_are_what_sql_on_the_warehouse_says(
    client: httpx.Client, country_dir: Path, region: str
) -> None:
    with duckdb.connect(Settings(var_dir=country_dir).snapshot_path, read_only=True) as db:
        counts = {place: [str(n) for n in found] for place, *found in db.execute(COUNTS).fetchall()}
        credited = dict(db.execute(CREDITED, [region]).fetchall())
    assert set(counts) == {"110101", "110102", "441900"}
    for account in (region, region[:2] + "0000", "000000"):
        made = page(client, f"/regions/{region}", account)
        assert made.tables["funnel"].column("count")[:5] == counts[region]
        shown = {row["course"].value: row["credited"].value for row in made.tables["courses"].rows
                 if row["required"].value}
        assert shown == {name: str(hours(seconds, 2700)) for name, seconds in credited.items()}


@pytest.mark.parametrize(("path", "account", "sheet"), [
    ("/regions/110000", "110000", "funnel"), ("/regions/110000", "110000", "courses"),
    ("/regions/110000", "110000", "days"), ("/regions/110000", "110000", "distribution"),
    ("/regions/110101", "110000", "places"), ("/regions/000000", "000000", "places"),
    ("/regions/110000", "110000", "teachers"), ("/regions/110000", "110000", "schools"),
    ("/schools/bj1", "110101", "funnel"), ("/schools/bj1", "110101", "teachers"),
    ("/teachers/ann", "110101", "courses"),
])
def test_files_have_exactly_what_the_page_shows(
    client: httpx.Client, path: str, account: str, sheet: str
) -> None:
    there = f"{path}/{sheet}" if sheet == "schools" or (
        sheet == "teachers" and "regions" in path) else path
    table = page(client, there, account).tables[sheet]
    expected = [*table.rows, *([table.footer] if table.footer else [])]

    lines = list(csv.reader(io.StringIO(
        get(client, f"{path}/{sheet}.csv", account).content.decode("utf-8-sig"), newline="")))
    assert [cells[-1] for cells in lines] == ["数据截至"] + ["2023-07-20 12:00:00"] * len(expected)
    assert {len(cells) for cells in lines} == {len(lines[0])}
    assert [as_numbers(cells[:-2]) for cells in lines[1:]] == [
        as_numbers(on_page(table, row)) for row in expected]

    rows = list(load_workbook(io.BytesIO(
        get(client, f"{path}/{sheet}.xlsx", account).content)).worksheets[0].values)
    assert "数据截至：2023-07-20 12:00:00" in str(rows[1][0])
    assert "20230720T120000-000001" in str(rows[1][0])
    assert list(rows[2]) == lines[0][:-2]
    assert [as_numbers(plain(cell) for cell in cells) for cells in rows[3:]] == [
        as_numbers(on_page(table, row)) for row in expected]


def on_page(table: Table, row: dict[str, Any]) -> list[str]:
    """The values of a row as a file has them: a share's count and rate take two cells."""
    values: list[str] = []
    for key in table.keys:
        cell = row[key]
        values.append(f"'{cell.value}" if cell.value.startswith("=") else cell.value)
        if any(is_share(other[key]) for other in table.rows):
            values.append(cell.text.removesuffix("%")[len(f"{int(cell.value):,}"):]
                          if is_share(cell) else "")
    return values


def is_share(cell: Cell) -> bool:
    return cell.text.endswith("%") and cell.text != f"{cell.value}%"


def plain(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if text.startswith("=") else text.removesuffix(" 00:00:00")


def as_numbers(cells: Any) -> list[Any]:
    return [as_number(cell) for cell in cells]


def as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
