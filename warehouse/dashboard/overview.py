"""The sheets that every region and every school has: funnel, courses, days, distribution."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from warehouse.dashboard.door import Reading
from warehouse.dashboard.places import Place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.scope import scope
from warehouse.dashboard.sheet import Column, Hours, Link, Row, Share, Sheet
from warehouse.figures import STAGES, CourseFigures, Programme
from warehouse.figures import Row as Figures
from warehouse.render import STAGE_NAMES, hours, status
from warehouse.sql import query

MOST_BINS = 12

FUNNEL = (
    Column("stage", "阶段"),
    Column("count", "人数", "count"),
    Column("rate", "占在册教师（%）", "percent"),
)
COURSES = (
    Column("course", "课程"),
    Column("per_teacher", "每人认定学时", "hours"),
    Column("reached", "达标", "share"),
    Column("learned", "已学习学时", "hours"),
    Column("credited", "已认定学时", "hours"),
    Column("required", "认定学时", "hours"),
    Column("attained", "认定达成率（%）", "percent"),
    Column("status", "状态", "status"),
)
DAYS = (
    Column("day", "日期", "day"),
    Column("enrolled", "新增报名", "count"),
    Column("started", "新增开始", "count"),
    Column("completed", "新增结业", "count"),
    Column("enrolled_sum", "累计报名", "count"),
    Column("started_sum", "累计开始", "count"),
    Column("completed_sum", "累计结业", "count"),
    Column("learned", "新增已学习学时", "hours"),
    Column("credited", "新增已认定学时", "hours"),
    Column("credited_sum", "累计已认定学时", "hours"),
)
DISTRIBUTION = (
    Column("bin", "已认定学时"),
    Column("count", "教师人数", "count"),
    Column("rate", "占在册教师（%）", "percent"),
)


def funnel(total: Figures) -> Sheet:
    """Rule 27: each stage with all stages before it."""
    everybody = total.stages["on_roster"]
    shares = [(STAGE_NAMES[s], Share(total.stages[s], everybody)) for s in STAGES]
    rows = [(name, share.count, share.percent) for name, share in shares]
    note = ("每一阶段只计同时到达此前各阶段的教师；获证书即已结业且身份已审核。"
            f"在册教师中身份已审核的共 {total.verified_at_all:,} 人（不论进度）。")
    return Sheet("funnel", "研修进度漏斗", FUNNEL, rows, len(rows), note=note)


def courses(programme: Programme, total: Figures) -> Sheet:
    """Credited hours against the cap of each course (rules 3, 13)."""
    each = {id_: required for id_, _, required in programme.courses}
    shown = Hours(programme.seconds_per_hour)
    rows = [_course(course, each[course.course_id], total.stages["on_roster"], shown)
            for course in total.courses]
    note = "已认定学时以认定学时为上限；已学习学时可以超过它。认定学时按全体在册教师计。"
    return Sheet("courses", "各课程达成情况", COURSES, rows, len(rows), note=note)


def _course(course: CourseFigures, required: int, everybody: int, shown: Hours) -> Row:
    """Nothing is asked of an extension: it only learns."""
    if not required:
        return (course.name, 0.0, None, shown(course.learned), None, None, None, "拓展，仅学习")
    return (course.name, shown(required), Share(course.teachers_reached, everybody),
            shown(course.learned), shown(course.credited), shown(course.required),
            Share(course.credited, course.required).percent, status(course.reached))


def days(reading: Reading, programme: Programme, place: Place) -> Sheet:
    """What each day added, and the sums so far; every day from the first to the last."""
    asked = scope(place)
    found = reading.db.execute(
        query("dashboard_days").format(scope=asked.regional.format(table="daily")),
        {"programme_id": programme.id, **asked.asked}).fetchall()
    added = {row[0]: row[1:] for row in found}
    rows = list(_days(added, Hours(programme.seconds_per_hour)))
    note = "历史按当日所在学校统计，教师日后调动不改动往日数字，所以累计可能与现有人数不同。"
    return Sheet("days", "每日变化", DAYS, rows, len(rows), note=note)


def _days(added: dict[date, tuple[int, ...]], shown: Hours) -> Iterator[Row]:
    every = list(_every_day(added))
    sums = accumulate((added.get(day, (0,) * 5) for day in every), _plus)
    for day, so_far in zip(every, sums, strict=True):
        enrolled, started, completed, learned, credited = added.get(day, (0,) * 5)
        yield (day, enrolled, started, completed, *so_far[:3],
               shown(learned), shown(credited), shown(so_far[4]))


def _every_day(added: dict[date, tuple[int, ...]]) -> Iterator[date]:
    if added:
        for number in range((max(added) - min(added)).days + 1):
            yield min(added) + timedelta(days=number)


def _plus(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True)
class Bins:
    """How a programme's credited seconds are sorted: 0, then steps of `width`, then all."""

    required: int
    width: int
    seconds_per_hour: int

    @property
    def last(self) -> int:
        return 1 + -(-self.required // self.width)

    def names(self) -> list[str]:
        """Bin by bin, in hours."""
        edges = [f"{hours(at * self.width, self.seconds_per_hour):g}"
                 for at in range(1, self.last - 1)]
        full = f"{hours(self.required, self.seconds_per_hour):g}"
        return ["0", *(f"{low}～{high}" for low, high in
                       zip(["0", *edges], [*edges, full], strict=True)), f"{full}（达标）"]


def bins(programme: Programme) -> Bins:
    """Steps of whole hours, so many that there are at most MOST_BINS between none and all."""
    step = -(-programme.required // (MOST_BINS * programme.seconds_per_hour))
    return Bins(programme.required, max(1, step) * programme.seconds_per_hour,
                programme.seconds_per_hour)


def distribution(
    reading: Reading, chosen: Chosen, place: Place, everybody: int
) -> Sheet | None:
    """How many teachers have how many credited hours. None where no hours are required."""
    if not chosen.programme.required:
        return None
    counts = bin_counts(reading, chosen.programme, place, everybody)
    names = bins(chosen.programme).names()
    href = "" if reading.national else f"{place.href}/teachers{chosen.ask}&bin="
    rows = [_bin(number, name, href, Share(counts[number], everybody))
            for number, name in enumerate(names)]
    note = "“1～2”表示满 1 学时、不足 2 学时；“0～1”不含 0。"
    note += "" if reading.national else "点击可查看教师名单。"
    return Sheet("distribution", "已认定学时分布", DISTRIBUTION, rows, len(rows), note=note)


def bin_counts(
    reading: Reading, programme: Programme, place: Place, everybody: int
) -> list[int]:
    """Teachers of each bin; who has no progress has no credited second."""
    asked, sorted_ = scope(place), bins(programme)
    found = reading.db.execute(
        query("dashboard_distribution").format(
            scope=asked.regional.format(table="distribution")),
        {"programme_id": programme.id, "required": sorted_.required, "width": sorted_.width,
         "bins": sorted_.last, **asked.asked}).fetchall()
    counts = [0] * (sorted_.last + 1)
    for number, teachers in found:
        counts[number] = teachers
    counts[0] += everybody - sum(counts)
    return counts


def _bin(number: int, name: str, href: str, share: Share) -> Row:
    return (Link(name, f"{href}{number}") if href else name, share.count, share.percent)
