"""Downloads: what a spreadsheet makes of them. Excel's own ways are in test_workbook."""

import io
from dataclasses import replace
from itertools import count, islice

import httpx
import pytest
from openpyxl import load_workbook

from tests.dashboard.page import Page
from tests.dashboard.sheets import ABOUT, book, row, sheet
from warehouse.dashboard.export import FORMULA, as_csv, harmless


def test_a_name_never_becomes_a_formula(beijing: httpx.Client) -> None:
    text = beijing.get("/regions/110101/places.csv").content.decode("utf-8-sig")
    assert "\n'=1+1,bj2" in text
    made = load_workbook(io.BytesIO(beijing.get("/regions/110101/places.xlsx").content))
    cell = next(cell for cells in made.worksheets[0] for cell in cells if cell.value == "=1+1")
    assert cell.data_type == "s"


@pytest.mark.parametrize("start", FORMULA)
def test_what_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}cmd") == f"'{start}cmd"
    assert harmless(f"x{start}") == f"x{start}"
    [_, line, *_] = b"".join(as_csv(sheet([(f"{start}cmd", None, None, None)]), ABOUT)).decode(
        ).split("\r\n", 2)
    assert line.replace('"', "").startswith(f"'{start}"[:2])


def test_a_search_of_a_formula_does_not_reach_a_cell_as_one(beijing: httpx.Client) -> None:
    data = beijing.get("/regions/110101/places.xlsx?q==1").content
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.data_type for cell in page[2] if cell.value] == ["s"]
    assert "搜索“=1”" in str(page["A2"].value)


def test_excel_opens_the_csv_as_utf_8(beijing: httpx.Client) -> None:
    answer = beijing.get("/regions/110101/places.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_a_file_is_named_for_people_and_for_old_programs(beijing: httpx.Client) -> None:
    said = beijing.get("/regions/110000/teachers.csv?list=not_enrolled").headers[
        "content-disposition"]
    assert 'filename="110000-teachers-20230720T120000.csv"' in said
    assert "filename*=UTF-8''%E5%8C%97%E4%BA%AC" in said
    odd = beijing.get("/teachers/ann/courses.xlsx").headers["content-disposition"]
    assert 'filename="ann-courses-20230720T120000.xlsx"' in odd


def test_the_page_leads_to_the_download_of_what_it_shows(beijing: httpx.Client) -> None:
    asked = "list=not_completed&q=a&sort=stage&dir=down&size=20&page=1"
    page = Page(beijing.get(f"/regions/110000/teachers?{asked}").text)
    link = next(link for link in page.links if ".csv" in link)
    lines = beijing.get(link).text.splitlines()[1:]
    shown = page.tables["teachers"].column("teacher")
    assert shown == ["dan", "eva"]
    assert [line.split(",")[0] for line in lines] == shown
    made = load_workbook(io.BytesIO(beijing.get(link.replace(".csv", ".xlsx")).content))
    assert "筛选：未结业、搜索“a”" in str(made.worksheets[0]["A2"].value)


def test_the_workbook_says_what_it_is_and_prints_its_heading_on_each_page() -> None:
    page = book(sheet([row(1)])).worksheets[0]
    assert page["A1"].value == "东城区 110101　学校"
    assert page["A2"].value == ("专题：暑期研修　数据截至：2023-07-20 12:00:00（北京时间）　"
                                "发布：20230720T120000-000001　筛选：未报名")
    assert (page.freeze_panes, page.print_title_rows) == ("B4", "$3:$3")
    assert [cell.value for cell in page[4]] == ["学校1", 1, 10.0, 1.25, "✔ 已达标"]
    assert [cell.value for cell in page[5]] == ["合计", 1, 33.3, 10.0, "✘ 未达标"]
    assert page["E4"].font.color.rgb == "FF0B5CAD"
    assert page["E5"].font.color.rgb == "FFC00000"


def test_an_empty_list_is_a_file_with_its_heading() -> None:
    empty = replace(sheet([]), footer=None)
    assert b"".join(as_csv(empty, ABOUT)).decode("utf-8-sig") == (
        "名称,已结业人数,已结业率（%）,学时,状态,专题,数据截至\r\n")
    page = book(empty).worksheets[0]
    assert [cell.value for cell in page[3]] == [
        "名称", "已结业人数", "已结业率（%）", "学时", "状态"]


def test_csv_is_sent_while_it_is_made() -> None:
    endless = as_csv(sheet(row(n) for n in count(1)), ABOUT)
    assert sum(len(chunk) for chunk in islice(endless, 3)) > 1000
