"""The sheet of all schools of a region: how many are still to enrol, to complete, to verify."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.door import Reading
from warehouse.dashboard.lists import Rows, order
from warehouse.dashboard.places import Place, region_href, school_href
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.scope import scope
from warehouse.dashboard.sheet import Column, Link, Row, Share, Sheet
from warehouse.sql import query

SCHOOLS = (
    Column("name", "学校", sort="school"),
    Column("code", "学校代码", "code", sort="school_id"),
    Column("region", "所在地区", sort="region"),
    Column("on_roster", "在册", "count", sort="on_roster"),
    Column("enrolled", "已报名", "share", sort="enrolled"),
    Column("started", "已开始", "share", sort="started"),
    Column("completed", "已结业", "share", sort="completed"),
    Column("certificate", "获证书", "share", sort="certificate"),
    Column("not_enrolled", "未报名人数", "count", sort="not_enrolled"),
    Column("not_completed", "未结业人数", "count", sort="not_completed"),
    Column("unverified", "结业未认证人数", "count", sort="unverified"),
)
USUAL = "region, other, school_id"
NOTE = "点击人数可查看该校名单。"
OTHER_NOTE = "“其他”是各县（区）供尚未归入具体学校的教师使用的条目，教师归校后人数随之减少。"


def schools(reading: Reading, chosen: Chosen, place: Place, asked: Asked) -> Sheet:
    """Every school of the region, searched, sorted and cut as asked; or only the entries 其他
    (rule 20), or only those that belong to the region itself.
    """
    rows = _rows(chosen, place, asked)
    title = "“其他”学校" if asked.other else "学校"
    found = rows.count(reading.db)
    page = rows.page(reading.db, asked.size, asked.offset, _maker(chosen))
    return Sheet("schools", title, SCHOOLS, page, found, note=OTHER_NOTE if asked.other else NOTE)


@dataclass(frozen=True, slots=True)
class Other:
    """The entries 其他 of a region: how many, and how many teachers sit there (rule 20)."""

    teachers: int
    schools: int


def other(reading: Reading, chosen: Chosen, place: Place) -> Other:
    """The backlog of the region; the country's file does not tell schools, so nothing."""
    if reading.national:
        return Other(0, 0)
    found = reading.db.execute(
        query("dashboard_other"),
        {"programme_id": chosen.programme.id, "prefix": place.prefix}).fetchone()
    return Other(*found) if found else Other(0, 0)


def _rows(chosen: Chosen, place: Place, asked: Asked) -> Rows:
    where = scope(place)
    conditions: dict[str, Any] = {"programme_id": chosen.programme.id, **where.asked}
    filter_ = ["other"] if asked.other else ["true"]
    if asked.search:
        filter_.append("contains(lower(concat_ws(' ', school_id, school)), lower($search))")
        conditions["search"] = asked.search
    if asked.direct:
        filter_.append("region = $direct")
        conditions["direct"] = place.code
    sql = query("dashboard_schools").format(scope=where.regional.format(table="schools"))
    return Rows(sql, " AND ".join(filter_), order(asked, SCHOOLS, chosen.choice.ranking, USUAL),
                conditions)


def _maker(chosen: Chosen) -> Callable[[tuple[Any, ...]], Row]:
    ask = chosen.ask

    def row(of: tuple[Any, ...]) -> Row:
        (school_id, school, region, region_name, _, everybody, enrolled, started, completed,
         certificate, *lists) = of
        href = school_href(school_id)
        names = ("not_enrolled", "not_completed", "unverified")
        return (
            Link(school, href + ask), school_id, Link(region_name, region_href(region) + ask),
            everybody,
            *(Share(count, everybody) for count in (enrolled, started, completed, certificate)),
            *(Link(count, f"{href}/teachers{ask}&list={name}")
              for count, name in zip(lists, names, strict=True)))

    return row
