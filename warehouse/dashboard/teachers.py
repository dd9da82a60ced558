"""The sheet of a region's or school's teachers: everybody, or one of the name lists."""

from collections.abc import Callable
from typing import Any

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.cut import BY_NAME, USUAL, Cut
from warehouse.dashboard.door import Reading
from warehouse.dashboard.lists import order
from warehouse.dashboard.name_lists import STAGES, name_list
from warehouse.dashboard.overview import bins
from warehouse.dashboard.places import Place, school_href, teacher_href
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.sheet import Column, Hours, Link, Row, Sheet
from warehouse.figures import Row as Figures
from warehouse.render import status

NAME = Column("name", "姓名", sort=BY_NAME)
SCHOOL = (
    Column("school", "学校", sort="school_id"),
    Column("region", "所在地区", sort="region"),
)
TEACHER = (
    Column("teacher", "教师账号", "code", sort="standing.teacher_id"),
    Column("verified", "身份审核", sort="verified"),
    Column("stage", "状态", sort="funnel"),
    Column("enrolled", "报名日期", "day", sort="enrolled_at"),
    Column("completed", "结业日期", "day", sort="completed_at"),
    Column("learned", "已学习学时", "hours", sort="learned", merit=True),
    Column("credited", "已认定学时", "hours", sort="credited", merit=True),
    Column("required", "认定学时", "hours"),
    Column("recognised", "被认定学时", "hours", sort="recognised", merit=True),
    Column("status", "达标", "status"),
)


def teachers(
    reading: Reading, chosen: Chosen, place: Place, total: Figures, asked: Asked
) -> Sheet:
    """The teachers of the place as asked; in the order of schools if nothing else is."""
    columns = _columns(reading, place)
    cut = Cut(reading, chosen, place, asked, order(asked, columns, chosen.choice.ranking, USUAL))
    found = cut.found(total)  # first: a download reads its rows while they are sent
    return Sheet("teachers", _title(chosen, asked), columns,
                 cut.rows(_maker(reading, chosen, place)), found)


def _columns(reading: Reading, place: Place) -> tuple[Column, ...]:
    own = TEACHER[:1] + ((NAME,) if reading.names else ())
    return own + (() if place.kind == "school" else SCHOOL) + TEACHER[1:]


def _title(chosen: Chosen, asked: Asked) -> str:
    if asked.bin is None:
        return f"教师名单：{name_list(asked.list).name}"
    names = bins(chosen.programme).names()
    return f"教师名单：已认定学时 {names[min(asked.bin, len(names) - 1)]}"


def _maker(
    reading: Reading, chosen: Chosen, place: Place
) -> Callable[[tuple[Any, ...]], Row]:
    hours = Hours(chosen.programme.seconds_per_hour)
    required = chosen.programme.required
    ask = chosen.ask
    named, in_school = reading.names, place.kind == "school"

    def row(of: tuple[Any, ...]) -> Row:
        (teacher_id, name, school_id, school, region, verified, funnel, enrolled, completed,
         learned, credited, recognised) = of
        own: Row = (Link(teacher_id, teacher_href(teacher_id) + ask), *((name,) if named else ()))
        there: Row = () if in_school else (Link(school, school_href(school_id) + ask), region)
        return (
            *own, *there, "✔ 已审核" if verified else "○ 未审核", STAGES[funnel],
            enrolled and enrolled.date(), completed and completed.date(), hours(learned),
            hours(credited), hours(required), hours(recognised),
            status(credited >= required if required else None))

    return row
