"""Rules 3, 5, 12, 13, 21, slowly: a teacher's figures from all that is known in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.rules.programme import Course, Programme


@dataclass(frozen=True, slots=True)
class Known:
    """Moments in ms. Keys: `done` (programme, resource), `openings` (programme, course) with
    (seconds, as_of); `enrolments` are pairs of programme and moment, as often as they came.
    """

    done: Mapping[tuple[str, str], int] = field(default_factory=dict)
    enrolments: tuple[tuple[str, int], ...] = ()
    openings: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


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
    learned = {c.id: sum(s for _, s in _learnings(programme, c, known)) for c in programme.courses}
    credited, reached = {}, []
    for course in programme.courses:
        usable = [(at, seconds) for at, seconds in _learnings(programme, course, known)
                  if enrolled_at is not None
                  and (programme.credit_before_enrolment or at >= enrolled_at)]
        credited[course.id] = min(course.required_seconds, sum(s for _, s in usable))
        reached += _moments_reached(course, usable)
    is_complete = enrolled_at is not None and all(
        credited[course.id] == course.required_seconds for course in programme.courses)
    return Figures(
        learned, credited,
        recognised=sum(credited.values()) if is_complete else 0,
        completed_at=max([enrolled_at or 0, *reached]) if is_complete else None,
    )


def _enrolled_at(programme: Programme, known: Known) -> int | None:
    doors = {programme.id, *programme.enrolled_through}
    return min((at for door, at in known.enrolments if door in doors), default=None)


def _learnings(programme: Programme, course: Course, known: Known) -> Iterator[tuple[int, int]]:
    """Pairs (moment, seconds): the opening balance, and each resource once (rule 5)."""
    opening = known.openings.get((programme.id, course.id))
    if opening is not None:
        yield opening[1], opening[0]
    for resource in course.resources:
        homes = [programme.id, *([course.shared_with] if course.shared_with else [])]
        moments = [known.done[home, resource.id] for home in homes
                   if (home, resource.id) in known.done]
        if moments and (opening is None or min(moments) >= opening[1]):
            yield min(moments), resource.credit_seconds


def _moments_reached(course: Course, usable: list[tuple[int, int]]) -> list[int]:
    """The first moment at which what was learned by then is enough; empty if it never is."""
    if course.required_seconds == 0:
        return []
    moments = sorted(at for at, _ in usable)
    return [moment for moment in moments
            if sum(s for at, s in usable if at <= moment) >= course.required_seconds][:1]
