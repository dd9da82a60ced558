"""What a new standing changes against the old one: the lines of the ledger."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pipeline.rules.credit import CourseStanding, Standing

Decided = Literal["granted", "withdrawn", "held", "opened", "reversed"]
Kind = Literal["enrolled", "started", "learned", "credited", "completed", "reopened"] | Decided

NOTHING_YET = Standing(courses=(), enrolled_at=None, started_at=None, completed_at=None)


class Change(NamedTuple):
    """One line: `learned` and `credited` are the course's totals after it, in seconds."""

    kind: Kind
    at: int
    course_id: str | None = None
    resource_id: str | None = None
    seconds: int = 0
    learned: int = 0
    credited: int = 0


def changes(
    before: Standing, after: Standing, at: int, resource_id: str | None = None
) -> Iterator[Change]:
    """The lines that lead from `before` to `after`, brought about at `at` by `resource_id`."""
    if after.enrolled_at is not None and after.enrolled_at != before.enrolled_at:
        yield Change("enrolled", after.enrolled_at)
    if after.started_at is not None and after.started_at != before.started_at:
        yield Change("started", after.started_at)
    known = {course.course_id: course for course in before.courses}
    for course in after.courses:
        yield from course_change(known.get(course.course_id), course, at, resource_id)
    yield from completion(before.completed_at, after.completed_at, at)


def decided(
    before: Standing, after: Standing, at: int, kind: Decided, course_id: str | None, seconds: int
) -> Iterator[Change]:
    """The lines of what somebody decided: itself, also where it moves nothing, and what it
    does to the completion. It moves no course but its own.
    """
    course = next((one for one in after.courses if one.course_id == course_id), None)
    totals = (course.learned, course.credited) if course else (0, 0)
    yield Change(kind, at, course_id, None, seconds, *totals)
    yield from completion(before.completed_at, after.completed_at, at)


def course_change(
    before: CourseStanding | None, after: CourseStanding, at: int, resource_id: str | None
) -> list[Change]:
    """The line of one course, if it stands otherwise than before."""
    learned = after.learned - (before.learned if before else 0)
    credited = after.credited - (before.credited if before else 0)
    if learned > 0:
        return [Change("learned", at, after.course_id, resource_id, learned,
                       after.learned, after.credited)]
    if learned or credited:  # less is learned where an opening balance turns out to hold it (5)
        return [Change("credited", at, after.course_id, None, 0, after.learned, after.credited)]
    return []


def completion(before: int | None, after: int | None, at: int) -> list[Change]:
    """The line of the moment of completion, if it is another one than before."""
    if after == before:
        return []
    return [Change("reopened", at) if after is None else Change("completed", after)]
