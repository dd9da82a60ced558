"""The report of the hand-made country (country.py), every figure written out by hand."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import CATALOGUE, DAY, NOON, programme, snapshot_of, warehouse
from warehouse.cli import report as command
from warehouse.errors import WarehouseError
from warehouse.figures import STAGES, Row
from warehouse.manifest import manifest_path, read_manifest
from warehouse.publisher import publish_once
from warehouse.reader import open_published
from warehouse.render import as_csv, as_json, as_xlsx, cells, hours, rate, status
from warehouse.report import Report, report
from warehouse.terminal import as_table


@pytest.fixture
def folder(country_dir: Path) -> Path:
    """The published folder of the country; tests must leave it as it is."""
    return Settings(var_dir=country_dir).published_dir


@pytest.fixture
def own_folder(local: Settings, country_dir: Path) -> Path:
    """The same, for tests that break something."""
    shutil.copytree(country_dir, local.var_dir, dirs_exist_ok=True)
    return local.published_dir


def figures(row: Row) -> tuple[object, ...]:
    """Kind, code; the seven stages; verified at all; learned, credited, recognised, required."""
    return (row.kind, row.code, tuple(row.stages[s] for s in STAGES), row.verified_at_all,
            row.learned, row.credited, row.recognised, row.required)


# Required of one teacher: 5400 + 2700 = 8100 s. On the roster: ann, bob, cui (not registered)
# at bj1, dan at bj2, eva at bj3, fan at dg1, gus at an unknown school; zoe is on none.
BJ1 = ((3, 2, 2, 2, 2, 1, 1), 1, 16800, 16200, 16200, 24300)
BJ2 = ((1, 1, 1, 1, 0, 0, 0), 1, 3599, 2699, 0, 8100)
DONGCHENG = ((4, 3, 3, 3, 2, 1, 1), 2, 20399, 18899, 16200, 32400)
XICHENG = ((1, 1, 1, 0, 0, 0, 0), 1, 0, 0, 0, 8100)
BEIJING = ((5, 4, 4, 3, 2, 1, 1), 3, 20399, 18899, 16200, 40500)
# fan started, but has not enrolled: a stage needs all stages before it.
DONGGUAN = ((1, 1, 0, 0, 0, 0, 0), 1, 1000, 0, 0, 8100)
NOWHERE = ((1, 1, 0, 0, 0, 0, 0), 0, 0, 0, 0, 8100)
CHINA = ((7, 6, 4, 3, 2, 1, 1), 4, 21399, 18899, 16200, 56700)
ZOE = ((0, 0, 1, 1, 0, 0, 0), 0, 100, 100, 0, 0)

EXPECTED = {
    "110101": [("school", "bj1", *BJ1), ("school", "bj2", *BJ2), ("total", "110101", *DONGCHENG)],
    "110100": [("region", "110101", *DONGCHENG), ("region", "110102", *XICHENG),
               ("total", "110100", *BEIJING)],
    "110000": [("region", "110100", *BEIJING), ("total", "110000", *BEIJING)],
    "441900": [("school", "dg1", *DONGGUAN), ("total", "441900", *DONGGUAN)],
    "440000": [("region", "441900", *DONGGUAN), ("total", "440000", *DONGGUAN)],
    "china": [("unplaced", "000000", *NOWHERE), ("region", "110000", *BEIJING),
              ("region", "440000", *DONGGUAN), ("total", "000000", *CHINA),
              ("not_on_roster", "", *ZOE)],
}


@pytest.mark.parametrize("region", EXPECTED)
def test_rule_27_the_funnel_and_the_seconds_of_every_place(folder: Path, region: str) -> None:
    made = report(folder, region)
    assert [figures(row) for row in made.rows] == EXPECTED[region]
    for row in made.rows:
        counts = list(row.stages.values())
        if row.kind != "not_on_roster":
            assert counts == sorted(counts, reverse=True)


def test_rule_23_a_certificate_needs_completion_and_verification(folder: Path) -> None:
    # bob is completed and not verified, dan and eva are verified and not completed.
    total = report(folder, "110000").rows[-1]
    assert (total.stages["completed"], total.verified_at_all) == (2, 3)
    assert total.stages["certificate"] == 1


def test_courses_of_a_county(folder: Path) -> None:
    [_, _, total] = report(folder, "110101").rows
    assert [(c.name, c.learned, c.credited, c.required, c.teachers_reached, c.reached)
            for c in total.courses] == [
        ("思想铸魂", 13499, 13499, 21600, 2, False),
        ("以案促学", 6000, 5400, 10800, 2, False),
        ("师德引领", 900, 0, 0, 0, None),
    ]


def test_names_are_those_of_the_roster(folder: Path) -> None:
    assert [row.name for row in report(folder, "110101").rows] == ["东城一小", "=1+1", "合计"]
    china = report(folder, "中国")
    assert [row.name for row in china.rows] == [
        "学校未登记", "北京市", "广东省", "合计", "不在名册（未计入合计）"]
    assert (china.region_name, china.programme.name) == ("全国", "暑期研修")


def test_rule_28_places_come_in_the_order_of_codes(folder: Path) -> None:
    codes = [row.code for row in report(folder, "china").rows if row.kind == "region"]
    assert codes == sorted(codes)


def test_the_latest_programme_is_the_default(local: Settings) -> None:
    later = programme("autumn", NOON + 90 * DAY)
    with warehouse(local, replace(CATALOGUE, programmes={
            **CATALOGUE.programmes, "autumn": later})):
        pass
    snapshot_of(local, country())
    publish_once(local)
    assert report(local.published_dir, "110000").programme.id == "autumn"
    autumn = report(local.published_dir, "110101").rows[-1]
    assert (autumn.stages["on_roster"], autumn.stages["enrolled"], autumn.learned) == (4, 0, 0)
    assert figures(report(local.published_dir, "110101", "summer").rows[-1]) == (
        EXPECTED["110101"][-1])


@pytest.mark.parametrize(("region", "message"), [
    ("120000", "no province 120000 is published: there are 110000, 440000"),
    ("110199", "region 110199 is not known; its province has 110000 北京市, 110100 市辖区"),
    ("11010", "is no region code"),
    ("", "is no region code"),
    ("东城区", "000000 or china for the country"),
])
def test_an_unknown_region_is_a_clear_error(folder: Path, region: str, message: str) -> None:
    with pytest.raises(WarehouseError, match=message):
        report(folder, region)


def test_an_unknown_programme_is_a_clear_error(folder: Path) -> None:
    with pytest.raises(WarehouseError, match="no programme winter is published: there are summer"):
        report(folder, "110000", "winter")


@pytest.mark.parametrize(("text", "message"), [
    (None, "nothing is published in .*: run `xueshi publisher --once`"),
    ("", "manifest.json is broken"),
    ("{}", "manifest.json is broken .publication_id: Field required"),
    ('{"layout": 1}', "manifest.json is broken .layout"),
    ("\x00\xff", "manifest.json is broken"),
])
def test_a_broken_manifest_is_a_clear_error(
    own_folder: Path, text: str | None, message: str
) -> None:
    if text is None:
        manifest_path(own_folder).unlink()
    else:
        manifest_path(own_folder).write_text(text)
    with pytest.raises(WarehouseError, match=message):
        report(own_folder, "110000")


def test_a_manifest_cannot_name_a_file_elsewhere(own_folder: Path) -> None:
    text = manifest_path(own_folder).read_text()
    name = read_manifest(own_folder).files[0].name
    manifest_path(own_folder).write_text(text.replace(name, f"../{name}"))
    with pytest.raises(WarehouseError, match=r"broken .files\.0\.name"):
        report(own_folder, "110000")


def test_a_missing_or_changed_file_is_a_clear_error(own_folder: Path) -> None:
    path = own_folder / read_manifest(own_folder).files[0].name
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(WarehouseError, match="is not the file that was published"):
        report(own_folder, "110000")
    path.unlink()
    with pytest.raises(WarehouseError, match="is missing, though the manifest names it"):
        report(own_folder, "110000")
    assert report(own_folder, "440000").rows  # the others are as good as before


@pytest.mark.parametrize("sql", [
    "CREATE TABLE x (y INTEGER)", "SELECT * FROM read_csv('/etc/passwd')",
    "ATTACH '/tmp/x.duckdb'", "SET enable_external_access = true",
    "COPY totals TO '/tmp/x.csv'", "SET memory_limit = '1TB'",
])
def test_a_reader_can_only_read_this_file(folder: Path, sql: str) -> None:
    manifest = read_manifest(folder)
    with open_published(folder, manifest, "110000") as db, pytest.raises(duckdb.Error):
        db.execute(sql)


def from_json(made: Report) -> list[list[Any]]:
    """The rows of the JSON document in the columns of CSV and Excel."""
    document = json.loads(as_json(made))
    return [_line(row, document) for row in document["rows"]]


def _line(row: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    line = [row["code"], row["name"], row["stages"]["on_roster"]]
    for stage in STAGES[1:]:
        line += [row["stages"][stage], row["rates_percent"][stage]]
    line += [row["verified_at_all"], *_amounts(row), row["recognised_hours"], row["status"]]
    for course in row["courses"]:
        line += [*_amounts(course), course["teachers_reached"], course["status"]]
    return [*line, document["programme"]["name"], document["as_of"]]


def _amounts(of: dict[str, Any]) -> list[Any]:
    return [of["learned_hours"], of["credited_hours"], of["required_hours"]]


@pytest.mark.parametrize("region", EXPECTED)
def test_csv_and_excel_read_back_equal_to_json(folder: Path, region: str) -> None:
    made = report(folder, region)
    expected = from_json(made)
    headings = [cell.heading for cell in cells(made, made.rows[0])]
    assert len(set(headings)) == len(headings)

    raw = as_csv(made)
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert lines[0] == headings
    assert [[_number(text) for text in line] for line in lines[1:]] == [
        [_number(_safe(value)) for value in line] for line in expected]

    sheet = load_workbook(io.BytesIO(as_xlsx(made))).worksheets[0]
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0] == headings
    assert table[1:] == expected
    assert sheet.freeze_panes == "C2"
    assert {sheet.cell(2, c).number_format for c in (3, 5, 17)} == {"#,##0", "0.0", "#,##0.00"}


def _safe(value: Any) -> str:
    """In CSV a name that Excel would run as a formula has an apostrophe before it."""
    return "" if value is None else f"'{value}" if str(value).startswith("=") else str(value)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_a_name_never_becomes_a_formula(folder: Path) -> None:
    made = report(folder, "110101")
    cell = load_workbook(io.BytesIO(as_xlsx(made))).worksheets[0]["B3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert ",'=1+1," in as_csv(made).decode("utf-8-sig")


def test_rule_25_colour_never_stands_alone(folder: Path) -> None:
    made = report(folder, "110000")
    plain = as_table(made, colour=False, width=200)
    assert "\x1b" not in plain
    assert "✘ 未达标" in plain
    coloured = as_table(made, colour=True, width=200)
    assert "\x1b[31m✘ 未达标" in coloured
    assert [status(True), status(False), status(None)] == ["✔ 已达标", "✘ 未达标", "—"]


def test_rule_6_hours_are_never_shown_before_they_are_reached() -> None:
    assert hours(26_999, 2700) == 9.99
    assert hours(27_000, 2700) == 10.0
    assert hours(100, 2700) == 0.03
    assert (rate(999_999, 1_000_000), rate(0, 0)) == (99.9, None)


def invoke(published: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        command, arguments, env={"XUESHI_VAR_DIR": str(published.parent)})


def test_the_command_prints_and_writes(folder: Path, tmp_path: Path) -> None:
    table = invoke(folder, "110101")
    assert table.exit_code == 0
    assert "东城一小" in table.stdout
    assert "33.3%" in table.stdout
    assert json.loads(invoke(folder, "110101", "--format", "json").stdout)["region"] == {
        "code": "110101", "name": "东城区"}
    target = tmp_path / "out.xlsx"
    assert invoke(folder, "110101", "--format", "xlsx", "--output", str(target)).exit_code == 0
    assert load_workbook(target).worksheets[0]["A1"].value == "代码"


@pytest.mark.parametrize(("arguments", "message"), [
    (("120000",), "Error: no province 120000"),
    (("110000", "--programme", "x"), "Error: no programme x"),
    (("110000", "--format", "xlsx"), "--output FILE"),
    (("110000", "--output", "/nonexistent/x"), "Error: /nonexistent"),
    (("110000", "--format", "pdf"), "Invalid value"),
])
def test_the_command_says_clearly_what_is_wrong(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = invoke(folder, *arguments)
    assert done.exit_code in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
