"""One teacher: where they stand, and every course's learned, credited and required hours."""

from dataclasses import dataclass
from datetime import datetime

from warehouse.dashboard.door import Reading
from warehouse.dashboard.errors import UnknownError
from warehouse.dashboard.places import Place, school_place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.sheet import Column, Hours, Row, Share, Sheet
from warehouse.figures import Programme
from warehouse.render import status
from warehouse.sql import query

NAME = "(SELECT name FROM named.names WHERE teacher_id = $teacher_id)"
COURSES = (
    Column("course", "课程"),
    Column("learned", "已学习学时", "hours"),
    Column("credited", "已认定学时", "hours"),
    Column("required", "认定学时", "hours"),
    Column("attained", "认定达成率（%）", "percent"),
    Column("status", "状态", "status"),
)


@dataclass(frozen=True, slots=True)
class Teacher:
    """`name` is None where it is not there or not to be shown. `funnel` as in the table
    `standing`; seconds; moments by Beijing's clock, or None.
    """

    id: str
    name: str | None
    school: Place
    verified: bool
    funnel: int
    enrolled: datetime | None
    started: datetime | None
    completed: datetime | None
    learned: int
    credited: int
    recognised: int


def teacher(reading: Reading, chosen: Chosen, teacher_id: str) -> Teacher:
    """The teacher of that id.

    Raises:
        UnknownError: the edition has no such teacher; the country's has none.
    """
    if reading.national:
        raise UnknownError
    sql = query("dashboard_teacher").format(name=NAME if reading.names else "NULL::VARCHAR")
    row = reading.db.execute(sql, {
        "teacher_id": teacher_id, "programme_id": chosen.programme.id}).fetchone()
    if row is None:
        raise UnknownError
    school_id, *others = row
    return Teacher(teacher_id, others[0], school_place(reading, school_id), *others[1:])


def courses(reading: Reading, programme: Programme, of: Teacher) -> Sheet:
    """Rule 25, course by course and in total; courses without anything learned are zeros."""
    found = reading.db.execute(query("dashboard_teacher_courses"), {
        "teacher_id": of.id, "school_id": of.school.code, "programme_id": programme.id}).fetchall()
    seconds = {course_id: (learned, credited) for course_id, learned, credited in found}
    hours = Hours(programme.seconds_per_hour)
    rows = [_row(name, *seconds.get(id_, (0, 0)), required, hours)
            for id_, name, required in programme.courses]
    total = _row("合计", of.learned, of.credited, programme.required, hours)
    note = "已认定学时以认定学时为上限，超出部分计入已学习学时，不填补其他课程。"
    return Sheet("courses", "各课程学时", COURSES, rows, len(rows), footer=total, note=note)


def _row(name: str, learned: int, credited: int, required: int, hours: Hours) -> Row:
    if not required:
        return (name, hours(learned), None, None, None, "拓展，仅学习")
    return (name, hours(learned), hours(credited), hours(required),
            Share(credited, required).percent, status(credited >= required))
