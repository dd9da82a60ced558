"""A resource is done: the lines of the ledger, from the courses that have it alone.

Whatever else a teacher has done, one more resource can change only the courses that list it, the
moment of completion, and that of the start where it is carried over. So only these are summed up,
before and after; the lines are those that `changes` finds between two whole standings, and tests
compare the two. Nothing is kept for it beside the account, so nothing can be left behind.
"""

from typing import NamedTuple, final

from pipeline.rules.changes import Change, completion, course_change
from pipeline.rules.credit import (
    Account,
    CourseSum,
    affected,
    completed_when,
    enrolled_when,
    mark_done,
    started_when,
    sum_up,
)
from pipeline.rules.programme import Catalogue, Programme


class Place(NamedTuple):
    """Where a resource that is done counts: in courses of a programme, by their place in it.
    `is_carried`: it is done in the earlier programme that one of them is shared with (rule 5).
    """

    programme: Programme
    courses: list[int]
    is_carried: bool


@final
class Look:
    """What of a standing the resource can change."""

    def __init__(self, place: Place, account: Account) -> None:
        programme = place.programme
        self.started_at = started_when(programme, account) if place.is_carried else None
        self.enrolled_at = enrolled_when(programme, account)
        self.sums: dict[int, CourseSum] = {}
        for number in place.courses:
            self.sums[number] = sum_up(
                programme, programme.courses[number], account, self.enrolled_at)


def places(catalogue: Catalogue, programme_id: str, resource_id: str) -> list[Place]:
    """Where a resource counts that is done in this programme: there and in its heirs."""
    found: list[Place] = []
    for programme in affected(catalogue, programme_id):
        courses, is_carried = [], False
        for number, course in enumerate(programme.courses):
            if programme_id not in (programme.id, course.shared_with):
                continue
            if any(resource.id == resource_id for resource in course.resources):
                courses.append(number)
                is_carried = is_carried or course.shared_with == programme_id
        if courses:
            found.append(Place(programme, courses, is_carried))
    return found


def enter_done(
    where: list[Place], account: Account, programme_id: str, resource_id: str, at: int
) -> list[tuple[str, Change]]:
    """Note that the resource is done; the lines, each with its programme, in their order."""
    before = [Look(place, account) for place in where]
    mark_done(account, programme_id, resource_id, at)
    lines: list[tuple[str, Change]] = []
    for number, place in enumerate(where):
        for line in _lines(place, account, before[number], at, resource_id):
            lines.append((place.programme.id, line))
    return lines


def _lines(
    place: Place, account: Account, before: Look, at: int, resource_id: str
) -> list[Change]:
    after = Look(place, account)
    lines: list[Change] = []
    if after.started_at is not None and after.started_at != before.started_at:
        lines.append(Change("started", after.started_at))
    for number in place.courses:
        lines += course_change(before.sums[number].standing, after.sums[number].standing, at,
                               resource_id)
    if _is_reached_otherwise(place, before, after):
        lines += completion(_completed_at(place, account, before),
                            _completed_at(place, account, after), at)
    return lines


def _is_reached_otherwise(place: Place, before: Look, after: Look) -> bool:
    for number in place.courses:
        if before.sums[number].reached_at != after.sums[number].reached_at:
            return True
    return False


def _completed_at(place: Place, account: Account, look: Look) -> int | None:
    """The other courses are as they were."""
    return completed_when(place.programme, account, look.enrolled_at, look.sums)
