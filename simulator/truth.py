"""What is true of every teacher, by simple arithmetic on the plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.catalogue import Catalogue, Course, Programme
from simulator.planning import Plan
from simulator.seasons import counts_in


@dataclass(frozen=True, slots=True)
class ProgrammeTruth:
    """One teacher in one programme. Seconds; `courses`: course id → (learned, credited).

    `done` holds what was completed in this programme's own window, carried over or not.
    """

    enrolled: bool
    completed: bool
    recognised: int
    done: tuple[str, ...]
    courses: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class TeacherTruth:
    """One teacher. `behaviours` say what was done, to find the reason for a difference."""

    teacher_id: str
    role: str
    school_id: str
    registered: bool
    verified: bool
    behaviours: tuple[str, ...]
    programmes: Mapping[str, ProgrammeTruth]


def truth_of(plan: Plan, catalogue: Catalogue) -> TeacherTruth:
    """The teacher's true outcome in every programme."""
    done = {programme.id: _done(plan, programme) for programme in catalogue.programmes.values()}
    return TeacherTruth(
        teacher_id=plan.person.id,
        role=str(plan.role),
        school_id=plan.person.school,
        registered=plan.person.registered,
        verified=plan.person.verified,
        behaviours=tuple(sorted({step.behaviour.name for step in plan.steps})),
        programmes={p.id: _in_programme(plan, p, done) for p in catalogue.programmes.values()},
    )


def _done(plan: Plan, programme: Programme) -> set[str]:
    """What the teacher completed in the window (rule 12)."""
    listed = {video.id for video in programme.videos}
    return {step.resource.id for step in plan.steps
            if step.resource.id in listed and step.behaviour.earns and counts_in(programme, step)}


def _in_programme(
    plan: Plan, programme: Programme, done: Mapping[str, set[str]]
) -> ProgrammeTruth:
    through = {programme.id, *programme.enrolled_through}
    enrolled = any(enrols.programme_id in through for enrols in plan.enrols)
    courses = {c.id: _in_course(c, done[programme.id] | done.get(c.shared_with or "", set()),
                                enrolled) for c in programme.courses}
    completed = enrolled and all(
        courses[c.id][1] == c.required_seconds for c in programme.courses
    )
    recognised = sum(credited for _, credited in courses.values()) if completed else 0
    return ProgrammeTruth(enrolled, completed, recognised,
                          tuple(sorted(done[programme.id])), courses)


def _in_course(course: Course, done: set[str], enrolled: bool) -> tuple[int, int]:
    """Learned, and credited up to what is required, if enrolled (rules 12, 13, 21)."""
    learned = sum(video.credit_seconds for video in course.videos if video.id in done)
    return learned, min(course.required_seconds, learned) if enrolled else 0
