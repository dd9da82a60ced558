"""Excel workbooks: sent while their rows are read, with the same cells, whole in every part."""

import io
import posixpath
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import count, islice
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from tests.dashboard.sheets import ABOUT, book, row, sheet, values
from warehouse.dashboard import workbook
from warehouse.dashboard.export import About
from warehouse.dashboard.sheet import Column, Row, Sheet
from warehouse.dashboard.workbook import as_xlsx

HOSTILE = [
    "=1+1", "+8613800000000", "@SUM(A1)", "-1", "'", "<b>&amp;\"'</b>", "]]>", "&#61;1",
    " 前后空格 ", "　全角", "两\n行", "\t表", "a\x00b\x08\x0b\x1f", "回车\r\n", "_x0041_",
    "_x005F_x0041_", "x_x00e9_", "😀", "𠮷", "\u2028", "\x7f\x85", "", "✔", "✘ ", "1e5", "TRUE",
    "#N/A", "2023-07-20",
]
TYPED = (Column("name", "名称"), Column("count", "人数", "count"), Column("hours", "学时", "hours"),
         Column("percent", "率", "percent"), Column("day", "日期", "day"))


def typed(*rows: Row) -> Sheet:
    return Sheet("teachers", "教师", TYPED, rows, len(rows))


def test_every_text_comes_back_as_it_was_and_as_text() -> None:
    made = book(typed(*((text, 1, None, None, None) for text in HOSTILE)))
    assert [line[0] for line in values(made)] == HOSTILE
    kinds = {cell.data_type for cell in made.worksheets[0]["A"][3:]}
    assert kinds == {"s"}


def test_what_no_xml_can_hold_becomes_a_replacement_character() -> None:
    made = book(typed(("a\ufffe\uffff\ud800b", 1, None, None, None)))
    assert made.worksheets[0]["A4"].value == "a\ufffd\ufffd\ufffdb"


def test_a_title_may_hold_what_was_searched_for() -> None:
    about = About("东城区", "研修", "今天", "1", "搜索“\uffff\x01<&”")
    data = b"".join(as_xlsx(typed(), about))
    title = load_workbook(io.BytesIO(data)).worksheets[0]["A2"].value
    assert str(title).endswith("搜索“\ufffd_x0001_<&”")


def test_a_cell_holds_no_more_than_excel_reads() -> None:
    (line,) = values(book(typed(("长" * 40_000, 1, None, None, None))))
    assert len(line[0]) == 32_767


def test_numbers_and_days_are_cells_of_their_kind() -> None:
    made = book(typed(("甲", 1_234_567, 0.1, 33.3, date(2023, 7, 20)),
                      ("乙", 0, 1e-05, 1e16, date(1900, 3, 1)),
                      ("丙", -1, None, None, None)))
    assert values(made) == [
        ["甲", 1_234_567, 0.1, 33.3, datetime(2023, 7, 20)],  # noqa: DTZ001 - Excel knows no zone
        ["乙", 0, 1e-05, 1e16, datetime(1900, 3, 1)],  # noqa: DTZ001
        ["丙", -1, None, None, None]]
    assert [cell.number_format for cell in made.worksheets[0][4]] == [
        "General", "#,##0", "#,##0.00", "0.0", "yyyy-mm-dd"]


def test_what_one_worksheet_does_not_hold_goes_on_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    made = book(sheet([row(n) for n in range(1, 6)]))
    assert made.sheetnames == ["数据", "数据（续 2）"]
    names = [[cells[0] for cells in page.iter_rows(min_row=4, values_only=True)] for page in made]
    assert names == [["学校1", "学校2", "学校3"], ["学校4", "学校5", "合计"]]
    assert [page["A3"].value for page in made] == ["名称", "名称"]
    assert [page.freeze_panes for page in made] == ["B4", "B4"]


def test_a_worksheet_that_is_just_full_has_no_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    full, fuller = (book(sheet([row(n) for n in range(rows)])) for rows in (2, 3))
    assert (len(full.sheetnames), len(values(full))) == (1, 3)
    assert (len(fuller.sheetnames), len(values(fuller))) == (2, 4)


def test_rows_that_were_not_counted_are_not_left_out_silently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    with pytest.raises(ValueError, match="more than 2 rows"):
        list(as_xlsx(sheet((row(n) for n in range(1, 9)), 2), ABOUT))


def test_the_first_bytes_come_long_before_the_last_row_is_read() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for read in count(1):
            yield row(read)

    endless = as_xlsx(sheet(rows(), 500_000), ABOUT)
    first = next(endless)
    assert first.startswith(b"PK")
    assert 0 < read < 50_000
    assert sum(len(chunk) for chunk in islice(endless, 3)) > 3 * workbook.CHUNK_BYTES
    endless.close()


def test_a_workbook_of_many_rows_takes_the_memory_of_a_few() -> None:
    peaks = []
    for rows in (1, 5_000, 20_000):
        made = as_xlsx(sheet((row(n) for n in range(rows)), rows), ABOUT)
        tracemalloc.start()
        assert sum(len(chunk) for chunk in made) > rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 500_000


TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
REQUIRED = {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
            "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, ElementTree.Element]:
    """Every part of a workbook of two worksheets, read by a strict parser."""
    monkeypatch.setattr(workbook, "SHEET_ROWS", len(HOSTILE))
    data = b"".join(as_xlsx(typed(*((text, 1, 0.5, 1.5, date(2023, 7, 1))
                                    for text in HOSTILE * 2)), ABOUT))
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert zipped.testzip() is None
        assert len(set(zipped.namelist())) == len(zipped.namelist())
        assert {info.compress_type for info in zipped.infolist()} == {zipfile.ZIP_DEFLATED}
        return {name: ElementTree.fromstring(zipped.read(name)) for name in zipped.namelist()}


def test_every_part_that_is_named_is_there(parts: dict[str, ElementTree.Element]) -> None:
    types = parts["[Content_Types].xml"]
    named = {str(one.get("PartName")).removeprefix("/") for one in types.iter(f"{TYPES}Override")}
    assert named < set(parts)
    assert set(parts) >= REQUIRED
    for name, part in parts.items():
        if name.endswith(".rels"):
            base = posixpath.dirname(posixpath.dirname(name))
            assert {posixpath.normpath(posixpath.join(base, str(one.get("Target"))))
                    for one in part} <= set(parts), name


def test_spaces_around_a_text_are_kept(parts: dict[str, ElementTree.Element]) -> None:
    texts = parts["xl/worksheets/sheet1.xml"].iter(f"{MAIN}t")
    bare = [one.text for one in texts if one.get(SPACE) != "preserve"]
    assert len(bare) > 10
    assert [text for text in bare if text and text != text.strip()] == []


def test_rows_and_cells_are_numbered_as_excel_demands(
    parts: dict[str, ElementTree.Element],
) -> None:
    formats = len(parts["xl/styles.xml"].findall(f"{MAIN}cellXfs/{MAIN}xf"))
    for number in (1, 2):
        page = parts[f"xl/worksheets/sheet{number}.xml"]
        rows = page.findall(f"{MAIN}sheetData/{MAIN}row")
        assert [line.get("r") for line in rows] == [str(n) for n in range(1, len(HOSTILE) + 4)]
        for line in rows:
            letters = "ABCDE"[:len(line)]
            assert [cell.get("r") for cell in line] == [f"{one}{line.get('r')}" for one in letters]
            assert all(int(cell.get("s", "0")) < formats for cell in line)
        assert [child.tag.removeprefix(MAIN) for child in page] == [
            "sheetViews", "sheetFormatPr", "cols", "sheetData", "pageMargins", "pageSetup"]
