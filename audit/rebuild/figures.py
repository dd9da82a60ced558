"""One teacher's figures in one shape, wherever they come from."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from audit.reference.credit import Known, done_at, figures
from audit.reference.history import Teacher
from pipeline.rules.programme import Catalogue, Course, Programme
from pipeline.schemas.adjustments import AnyAdjustment
from pipeline.schemas.enrolments import Enrolment


class Figure(NamedTuple):
    """Which figure: `place` is a course or a resource, "" for the whole programme."""

    programme_id: str
    place: str
    what: str


Figures = Mapping[Figure, int]
"""Those that are not nothing: no zero seconds, no moment that has not come.

what             place      unit
learned          course     seconds, rule 12
credited         course     seconds, rule 13
recognised       programme  seconds, rule 13
completed_at     programme  epoch milliseconds, rule 3
done_at          resource   epoch milliseconds, rule 8; carried over or not (rule 5)
watch_time_ms    resource   milliseconds, rule 11
"""

BY_COURSE = frozenset({"learned", "credited", "recognised", "completed_at"})
BY_RESOURCE = frozenset({"done_at", "watch_time_ms"})


def rebuilt_figures(
    catalogue: Catalogue, teacher: Teacher, enrolments: Iterable[Enrolment],
    decisions: Iterable[AnyAdjustment],
) -> dict[Figure, int]:
    """What the reference makes of a teacher's history, and what else is known of them."""
    enrolled = tuple((one.programme_id, one.at) for one in enrolments)
    known = Known(teacher.done, enrolled, tuple(decisions))
    found: dict[Figure, int] = {}
    for programme in catalogue.programmes.values():
        found |= _in_programme(programme, known)
        for course in programme.courses:
            found |= _in_course(programme, course, known, teacher.watch_ms)
    return found


def _in_programme(programme: Programme, known: Known) -> dict[Figure, int]:
    now = figures(programme, known)
    whole = {"recognised": now.recognised, "completed_at": now.completed_at}
    found = {Figure(programme.id, "", what): value for what, value in whole.items() if value}
    for what, by_course in (("learned", now.learned), ("credited", now.credited)):
        found |= {Figure(programme.id, course_id, what): seconds
                  for course_id, seconds in by_course.items() if seconds}
    return found


def _in_course(
    programme: Programme, course: Course, known: Known, watch_ms: Mapping[str, int]
) -> dict[Figure, int]:
    done = done_at(programme, course, known)
    found = {Figure(programme.id, id_, "done_at"): at for id_, at in done.items()}
    for resource in course.resources:
        if spent := watch_ms.get(resource.id):
            found[Figure(programme.id, resource.id, "watch_time_ms")] = spent
    return found
