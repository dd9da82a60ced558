"""Tables as platforms hand them over: Chinese headers, Excel and CSV, line-exact faults."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.regions import load_regions
from pipeline.schemas.adjustments import OpeningBalance
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.roster import Region, School, Teacher, Verification
from pipeline.settings import Settings
from registry.forms import Form, forms
from registry.reading import Reading, read
from registry.sheets import SheetError

NOW = 1_690_000_000_000
JULY_20 = 1_689_782_400_000  # 2023-07-20 00:00 in Asia/Shanghai
SETTINGS = Settings()
FORMS: tuple[Form, ...] = forms(
    load_catalogue(SETTINGS.programmes_dir), load_regions(SETTINGS.regions_file))


def of_csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Reading:
    path = tmp_path / "表.csv"
    path.write_bytes(text.encode(encoding))
    return read(path, FORMS, NOW)


@pytest.mark.parametrize(("text", "record"), [
    ("地区代码,地区名称\n110101,东城区\n", Region(region="110101", name="东城区")),
    ("学校代码,地区代码,学校名称\ns1,110101,第一中学\n",
     School(school_id="s1", region="110101", name="第一中学")),
    ("学校名称,其他,行政区划代码,学校标识码\n其他,是,110101,s0\n",
     School(school_id="s0", region="110101", name="其他", other=True)),
    ("教师账号,学校代码\nt1,s1\n", Teacher(teacher_id="t1", school_id="s1", at=NOW)),
    ("教师账号,学校代码,学段,学科,生效日期,已注册\nt1,s1,小学,语文,2023/7/20,否\n",
     Teacher(teacher_id="t1", school_id="s1", at=JULY_20, registered=False, stage="小学",
             subject="语文")),
    ("教师账号,审核结果,生效时间\nt1,通过,2023-07-20 08:30\n",
     Verification(teacher_id="t1", verified=True, at=JULY_20 + 30_600_000)),
    ("teacher_id,programme_id,at\nt1,2023-summer,2023-07-20\n",
     Enrolment(teacher_id="t1", programme_id="2023-summer", at=JULY_20)),
])
def test_rules_20_to_24_each_kind_is_known_by_its_headers(
    tmp_path: Path, text: str, record: object
) -> None:
    reading = of_csv(tmp_path, text)
    assert (reading.faults, reading.records) == ([], [record])


def test_rule_5_an_opening_balance_in_hours_of_the_programme(tmp_path: Path) -> None:
    reading = of_csv(tmp_path, "教师账号,研修,课程,学时,截至日期,经办人,说明\n"
                               "t1,2023-summer,思想铸魂,1.5,2023-07-20,admin-1,旧系统\n")
    (record,) = reading.records
    assert isinstance(record, OpeningBalance)
    assert (record.course_id, record.seconds, record.as_of) == ("ideals", 4050, JULY_20)
    again = of_csv(tmp_path, "教师账号,研修,课程,学时,截至日期,经办人,说明\n"
                             "t1,2023-summer,ideals,1.5,2023-07-20,admin-1,旧系统\n").records[0]
    assert isinstance(again, OpeningBalance)
    assert again.adjustment_id == record.adjustment_id, "imported again it changes nothing"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_as_excel_in_china_writes_it(tmp_path: Path, encoding: str) -> None:
    assert of_csv(tmp_path, "地区代码,地区名称\r\n110101,东城区\r\n", encoding).records == [
        Region(region="110101", name="东城区")]


def test_a_workbook_with_several_sheets_numbers_and_dates(tmp_path: Path) -> None:
    book = Workbook()
    schools = book.active
    assert schools is not None
    schools.title = "学校"
    schools.append(["学校代码", "地区代码", "学校名称"])
    schools.append([3111000001, 110101, "第一中学"])
    teachers = book.create_sheet("教师")
    teachers.append(["教师账号", "学校代码", "生效时间"])
    teachers.append(["t1", 3111000001, datetime(2023, 7, 20)])  # noqa: DTZ001 - as Excel has it
    teachers.append([None, None, None])
    book.create_sheet("空")
    book.save(tmp_path / "名册.xlsx")
    reading = read(tmp_path / "名册.xlsx", FORMS, NOW)
    assert (reading.faults, reading.records) == ([], [
        School(school_id="3111000001", region="110101", name="第一中学"),
        Teacher(teacher_id="t1", school_id="3111000001", at=JULY_20)])


@pytest.mark.parametrize(("text", "faults"), [
    ("教师账号,学校代码\nt1,s1\nt 2,s1\n,s1\n", [
        "表.csv, line 3: 教师账号: String should match pattern '^[A-Za-z0-9._:@-]+$'",
        "表.csv, line 4: 教师账号: missing"]),
    ("教师账号,学校代码,生效日期\nt1,s1,昨天\n", [
        "表.csv, line 2: 生效时间: must be like 2023-07-20 or 2023-07-20 08:30, not '昨天'"]),
    ("学校代码,地区代码,学校名称\ns1,110000,甲\ns2,999999,乙\n", [
        "表.csv, line 2: 地区代码: 110000 is no county (rule 20)",
        "表.csv, line 3: 地区代码: 999999 is no county (rule 20)"]),
    ("教师账号,研修,报名时间\nt1,1999,2023-07-20\n", [
        "表.csv, line 2: 研修: '1999' is none of 2023-ethics, 2023-summer"]),
    ("教师账号,审核结果\nt1,也许\n", ["表.csv, line 2: 审核结果: must be 是 or 否, not '也许'"]),
    ("教师账号,学校代码\nt1,s1\nt1,s2\n", [
        "表.csv, line 3: says the same thing again as 表.csv, line 2"]),
    ('地区代码,地区名称\n110101,"东\n城区"\n11,短\n', [
        "表.csv, line 4: 地区代码: String should match pattern '^[1-9][0-9]{5}$'"]),
    ("", ["表.csv: there is nothing in it"]),
])
def test_every_fault_has_its_line_and_nothing_is_left_out(
    tmp_path: Path, text: str, faults: list[str]
) -> None:
    assert of_csv(tmp_path, text).faults == faults


def test_headers_that_fit_nothing_say_what_would(tmp_path: Path) -> None:
    (fault,) = of_csv(tmp_path, "姓名,电话\n张,1\n").faults
    assert "表.csv: the first line must have the headers of one of:" in fault
    assert "teacher: 教师账号, 学校代码" in fault


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.pdf", b"", "not .csv or .xlsx"), ("a.xlsx", b"PK nonsense", "not an Excel workbook"),
    ("a.csv", b"\xff\xfe\x00\x81\x30", "neither UTF-8 nor GB 18030"),
])
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SheetError, match=said):
        read(tmp_path / name, FORMS, NOW)
