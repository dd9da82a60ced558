"""The sheet of the places directly below a region."""

from collections.abc import Callable

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.places import Place, PlaceFigures, region_href, school_href
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.sheet import Column, Hours, Link, Row, Share, Sheet, Value
from warehouse.figures import STAGES
from warehouse.figures import Row as Figures
from warehouse.render import STAGE_NAMES, status

PLACES = (
    Column("name", "名称", sort="name"),
    Column("code", "代码", "code", sort="code"),
    Column("on_roster", STAGE_NAMES["on_roster"], "count", sort="count"),
    *(Column(stage, STAGE_NAMES[stage], "share", sort="share") for stage in STAGES[1:]),
    Column("learned", "已学习学时", "hours", sort="hours", merit=True),
    Column("credited", "已认定学时", "hours", sort="hours", merit=True),
    Column("required", "认定学时", "hours", sort="hours", merit=True),
    Column("recognised", "被认定学时", "hours", sort="hours", merit=True),
    Column("status", "状态", "status"),
)
NOTE = "率为占在册教师的比例；学时为全体在册教师合计。"
NO_RANKING = "本专题未开启排名：可按代码、名称、人数排序，不提供按比率或学时的排序。"


def places(place: Place, found: PlaceFigures, chosen: Chosen, asked: Asked) -> Sheet:
    """The places, searched, sorted and cut as asked; the total and the country's learners on no
    roster stand below every page.
    """
    make = _maker(place, chosen)
    rows = [make(row) for row in found.below if _matches(row, asked.search)]
    rows = _sorted(rows, asked, chosen.choice.ranking)
    end = None if asked.size is None else asked.offset + asked.size
    kind = "学校" if any(row.kind == "school" for row in found.below) else "下级地区"
    return Sheet(
        "places", kind, PLACES, rows[asked.offset:end], len(rows), footer=make(found.total),
        note=NOTE + ("" if chosen.choice.ranking else NO_RANKING) + _outside(found))


def _matches(row: Figures, search: str) -> bool:
    return search.casefold() in row.name.casefold() or search in row.code


def _outside(found: PlaceFigures) -> str:
    """Rule 21: learners on no roster are told, and in no total."""
    return "".join(
        f"另有不在名册的学员：已报名 {row.stages['enrolled']:,} 人，"
        f"已结业 {row.stages['completed']:,} 人，未计入合计。" for row in found.outside)


def _maker(place: Place, chosen: Chosen) -> Callable[[Figures], Row]:
    hours = Hours(chosen.programme.seconds_per_hour)

    def row(of: Figures) -> Row:
        everybody = of.stages["on_roster"]
        return (
            _name(place, of, chosen), of.code, everybody,
            *(Share(of.stages[stage], everybody) for stage in STAGES[1:]),
            *(hours(seconds) for seconds in (of.learned, of.credited, of.required, of.recognised)),
            status(of.reached))

    return row


def _name(place: Place, row: Figures, chosen: Chosen) -> Value:
    """A link, except where the row is the page itself or no place at all."""
    if row.kind in ("total", "unplaced") or row.code == place.code:
        return row.name
    href = school_href(row.code) if row.kind == "school" else region_href(row.code)
    return Link(row.name, href + chosen.ask)


def _sorted(rows: list[Row], asked: Asked, ranking: bool) -> list[Row]:
    """In the order of codes unless the reader chose a column that may be sorted by (rule 28).

    A share sorts by its count: how many people that is, not how good the place is. Where
    rankings are allowed it sorts by its rate.
    """
    column = asked.order(PLACES, ranking)
    if column is None:
        return rows
    at = PLACES.index(column)
    return sorted(rows, key=lambda row: _key(row[at], ranking), reverse=asked.down)


def _key(value: Value, ranking: bool) -> tuple[float, str]:
    match value:
        case Share():
            return (value.count / value.of if value.of else -1.0) if ranking else value.count, ""
        case Link():
            return 0, str(value.value)
        case int() | float():
            return value, ""
    return 0, str(value)
