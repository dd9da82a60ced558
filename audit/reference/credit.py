"""Rules 3, 5, 12, 13, 21, slowly: a teacher's figures from all that is known in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.rules.programme import Course, Programme
from pipeline.schemas.adjustments import (
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)

Decisions = list[AnyAdjustment]


@dataclass(frozen=True, slots=True)
class Known:
    """Moments in ms. `done` has keys (programme, resource); `enrolments` are pairs of programme
    and moment, as often as they came; `decisions` what people decided, in order of arrival.
    """

    done: Mapping[tuple[str, str], int] = field(default_factory=dict)
    enrolments: tuple[tuple[str, int], ...] = ()
    decisions: tuple[AnyAdjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds by course, what is recognised, and when the programme was completed."""

    learned: dict[str, int]
    credited: dict[str, int]
    recognised: int
    completed_at: int | None


def figures(programme: Programme, known: Known) -> Figures:
    """Learned, credited and recognised, by the rules' own words."""
    enrolled_at = _enrolled_at(programme, known)
    learned, credited, reached = {}, {}, []
    for course in programme.courses:
        all_of_it = list(_learnings(programme, course, known))
        usable = [(at, seconds) for at, seconds in all_of_it if enrolled_at is not None
                  and (programme.credit_before_enrolment or at >= enrolled_at)]
        learned[course.id] = max(0, sum(seconds for _, seconds in all_of_it))
        credited[course.id] = max(0, min(course.required_seconds, sum(s for _, s in usable)))
        reached += _moments_reached(course, usable)
    is_held = any(isinstance(one, Hold) for one in _standing(programme, known))
    is_complete = enrolled_at is not None and not is_held and all(
        credited[course.id] == course.required_seconds for course in programme.courses)
    return Figures(
        learned, credited,
        recognised=sum(credited.values()) if is_complete else 0,
        completed_at=max([enrolled_at or 0, *reached]) if is_complete else None,
    )


def done_at(programme: Programme, course: Course, known: Known) -> dict[str, int]:
    """When each done resource of the course was first done, here or where it is shared (5)."""
    homes = [programme.id, *([course.shared_with] if course.shared_with else [])]
    moments = {resource.id: [known.done[home, resource.id] for home in homes
                             if (home, resource.id) in known.done]
               for resource in course.resources}
    return {id_: min(some) for id_, some in moments.items() if some}


def _enrolled_at(programme: Programme, known: Known) -> int | None:
    doors = {programme.id, *programme.enrolled_through}
    return min((at for door, at in known.enrolments if door in doors), default=None)


def _learnings(programme: Programme, course: Course, known: Known) -> Iterator[tuple[int, int]]:
    """Pairs (moment, seconds): the opening balance, each resource once (rule 5), and what people
    granted or withdrew.
    """
    balances = [one for one in _distinct(programme, known)
                if isinstance(one, OpeningBalance) and one.course_id == course.id]
    for last in balances[-1:]:
        yield last.as_of, last.seconds
    done = done_at(programme, course, known)
    for resource in course.resources:
        at = done.get(resource.id)
        if at is not None and all(at >= last.as_of for last in balances[-1:]):
            yield at, resource.credit_seconds
    for one in _standing(programme, known):
        if isinstance(one, Grant | Withdrawal) and one.course_id == course.id:
            yield one.at, one.seconds if isinstance(one, Grant) else -one.seconds


def _distinct(programme: Programme, known: Known) -> Decisions:
    """The decisions about this programme and its courses, each id once: the first counts."""
    courses = {None, *(course.id for course in programme.courses)}
    found: dict[str, AnyAdjustment] = {}
    for one in known.decisions:
        if one.programme_id == programme.id and getattr(one, "course_id", None) in courses:
            found.setdefault(one.adjustment_id, one)
    return list(found.values())


def _standing(programme: Programme, known: Known) -> Decisions:
    """Those of them that were not taken back, sooner or later."""
    distinct = _distinct(programme, known)
    taken_back = {one.reverses for one in distinct if isinstance(one, Reversal)}
    return [one for one in distinct if one.adjustment_id not in taken_back]


def _moments_reached(course: Course, usable: list[tuple[int, int]]) -> list[int]:
    """The first moment from which on what was learned is enough; empty if it is not."""
    if course.required_seconds == 0:
        return []
    moments = sorted({at for at, _ in usable})
    enough = [sum(s for at, s in usable if at <= moment) >= course.required_seconds
              for moment in moments]
    return [moment for number, moment in enumerate(moments) if all(enough[number:])][:1]
