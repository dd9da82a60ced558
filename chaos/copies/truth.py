"""The simulator's truth as figures, summed up in every way that a copy shows it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from chaos.copies.crediting import done_figures
from chaos.copies.figures import Figures, Key
from simulator.catalogue import Catalogue
from simulator.truth import ProgrammeTruth, TeacherTruth


def true_figures(truth: Iterable[TeacherTruth], catalogue: Catalogue) -> Figures:
    """Every figure that is true of these teachers, and of their schools and regions."""
    teachers = list(truth)
    done = {(teacher.teacher_id, programme_id, video) for teacher in teachers
            for programme_id, programme in teacher.programmes.items() for video in programme.done}
    sums: Counter[Key] = Counter()
    for teacher in teachers:
        for key, amount in _of_one(teacher):
            sums[key] += amount
    return {**sums, **done_figures(catalogue, done)}


def _of_one(teacher: TeacherTruth) -> Iterator[tuple[Key, int]]:
    for programme_id, programme in teacher.programmes.items():
        for course_id, (learned, credited) in programme.courses.items():
            for what, amount in (("learned", learned), ("credited", credited)):
                yield Key(what, teacher.teacher_id, programme_id, course_id), amount
                yield from _rolled_up(teacher, programme_id, what, amount, course_id)
        yield Key("recognised", teacher.teacher_id, programme_id, ""), programme.recognised
        yield from _funnel(teacher, programme_id, programme)


def _rolled_up(
    teacher: TeacherTruth, programme_id: str, what: str, amount: int, course_id: str = ""
) -> Iterator[tuple[Key, int]]:
    """The amount as it adds to a school, its region, and their courses."""
    school, region = teacher.school_id, region_of(teacher.school_id)
    yield Key(f"school.{what}", "", programme_id, school), amount
    yield Key(f"region.{what}", "", programme_id, region), amount
    if course_id:
        yield Key(f"school.course.{what}", "", programme_id, f"{school}/{course_id}"), amount
        yield Key(f"region.course.{what}", "", programme_id, f"{region}/{course_id}"), amount
        yield Key(f"all.{what}", "", programme_id, ""), amount


def _funnel(
    teacher: TeacherTruth, programme_id: str, programme: ProgrammeTruth
) -> Iterator[tuple[Key, int]]:
    """Each stage holds those who reached it and all before it (rule 27, ADR 9). Who has started
    is not known exactly: a cheat may have got a stretch in.
    """
    completed = teacher.registered and programme.completed
    for what, amount in (
        ("recognised", programme.recognised), ("on_roster", 1),
        ("registered", int(teacher.registered)),
        ("enrolled", int(teacher.registered and programme.enrolled)),
        ("completed", int(completed)), ("certificate", int(completed and teacher.verified)),
    ):
        yield from _rolled_up(teacher, programme_id, what, amount)
    yield Key("all.enrolled", "", programme_id, ""), int(programme.enrolled)
    yield Key("all.completed", "", programme_id, ""), int(programme.completed)


def region_of(school_id: str) -> str:
    """The county of a simulated school: 110101 of s110101-001."""
    return school_id[1:7]
