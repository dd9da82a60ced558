"""What each kind of table must look like, and the records that its lines become."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.rules import regions
from pipeline.rules.programme import Catalogue
from pipeline.schemas.adjustments import OpeningBalance
from pipeline.schemas.base import Record
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.roster import Region, School, Teacher, Verification
from registry import cells

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by any of its headers; the first one is named in messages."""

    name: str
    headers: tuple[str, ...]
    read: Callable[[str], Any] = cells.text
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of table. `make` gets the values of a line by column name, and may raise
    ValueError; `at` in them is when the line holds from.
    """

    kind: str
    columns: tuple[Column, ...]
    make: Callable[[Values], Record]

    def fits(self, headers: set[str]) -> bool:
        """Whether every required column is there."""
        return all(headers & set(column.headers) for column in self.columns if column.required)


TEACHER = Column("teacher_id", ("教师账号", "账号", "teacher_id"))
SCHOOL = Column("school_id", ("学校代码", "学校标识码", "school_id"))
REGION = Column("region", ("地区代码", "行政区划代码", "region"))
PROGRAMME = Column("programme_id", ("研修", "专题", "programme_id"))
AT = Column("at", ("生效时间", "生效日期", "时间", "at"), cells.moment, required=False)


def forms(catalogue: Catalogue, places: Mapping[str, str]) -> tuple[Form, ...]:
    """Every form; the first that fits is taken, so the one that asks for most stands first.

    `places`: names by code of all regions (rule 20).
    """

    def school(values: Values) -> School:
        code = values["region"]
        if code not in seats:
            raise ValueError(f"{REGION.headers[0]}: {code} is no county (rule 20)")
        return School(**{**values, "other": values.get("other", False)})

    def enrolment(values: Values) -> Enrolment:
        _require_programme(catalogue, values["programme_id"])
        return Enrolment(**values)

    def opening(values: Values) -> OpeningBalance:
        return _opening(catalogue, values)

    seats = set(regions.seats(places))
    return (
        Form("opening", (
            TEACHER, PROGRAMME, Column("course_id", ("课程", "course_id")),
            Column("hours", ("学时", "hours"), cells.hours),
            Column("as_of", ("截至时间", "截至日期", "as_of"), cells.moment),
            Column("by", ("经办人", "by")), Column("reason", ("说明", "依据", "reason")), AT,
        ), opening),
        Form("enrolment", (
            TEACHER, PROGRAMME, Column("at", ("报名时间", "报名日期", "at"), cells.moment),
        ), enrolment),
        Form("verification", (
            TEACHER, Column("verified", ("审核结果", "审核状态", "verified"), cells.yes_no), AT,
        ), lambda values: Verification(**values)),
        Form("teacher", (
            TEACHER, SCHOOL, AT,
            Column("registered", ("已注册", "注册", "registered"), cells.yes_no, required=False),
            Column("name", ("姓名", "教师姓名", "name"), required=False),
            Column("stage", ("学段", "stage"), required=False),
            Column("subject", ("学科", "subject"), required=False),
        ), lambda values: Teacher(**values)),
        Form("school", (
            SCHOOL, REGION, Column("name", ("学校名称", "name")),
            Column("other", ("其他", "other"), cells.yes_no, required=False),
        ), school),
        Form("region", (
            REGION, Column("name", ("地区名称", "名称", "name")),
        ), lambda values: Region(region=values["region"], name=values["name"])),
    )


def _require_programme(catalogue: Catalogue, programme_id: str) -> None:
    if programme_id not in catalogue.programmes:
        known = ", ".join(catalogue.programmes)
        raise ValueError(f"{PROGRAMME.headers[0]}: {programme_id!r} is none of {known}")


def _opening(catalogue: Catalogue, values: Values) -> OpeningBalance:
    _require_programme(catalogue, values["programme_id"])
    programme = catalogue.programmes[values["programme_id"]]
    courses = {name: course.id for course in programme.courses for name in (course.id, course.name)}
    if values["course_id"] not in courses:
        raise ValueError(f"课程: {values['course_id']!r} is none of {', '.join(courses)}")
    seconds = values["hours"] * programme.seconds_per_hour
    if seconds.denominator != 1:
        raise ValueError(f"学时: {values['hours']} is no whole number of seconds")
    course_id = courses[values["course_id"]]
    # The same balance imported again has the same id, and so changes nothing.
    adjustment_id = f"opening:{course_id}:{values['as_of']}:{int(seconds)}"
    return OpeningBalance(
        adjustment_id=adjustment_id, teacher_id=values["teacher_id"], programme_id=programme.id,
        course_id=course_id, seconds=int(seconds), as_of=values["as_of"], by=values["by"],
        reason=values["reason"], at=values["at"],
    )
