"""Whether others came to the same figures as the truth; exactly, to the second."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from simulator.truth import TeacherTruth

Key = tuple[str, str, str, str]


class Difference(NamedTuple):
    """A figure that is not as it should be. `what`: learned, credited or recognised."""

    teacher_id: str
    programme_id: str
    course_id: str
    what: str
    expected: int
    actual: int
    behaviours: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.programme_id, self.course_id)))
        did = f" ({', '.join(self.behaviours)})" if self.behaviours else ""
        return (f"{self.teacher_id} {place}: {self.what} {self.actual} s,"
                f" should be {self.expected} s{did}")


class Actual(NamedTuple):
    """Figures to compare, in seconds; what is missing is 0.

    `courses`: (teacher, programme, course) → (learned, credited);
    `recognised`: (teacher, programme) → seconds.
    """

    courses: Mapping[tuple[str, str, str], tuple[int, int]]
    recognised: Mapping[tuple[str, str], int]


def compare(truth: Iterable[TeacherTruth], actual: Actual) -> list[Difference]:
    """Every figure that differs, those of unknown teachers too; [] where all is equal."""
    teachers = {teacher.teacher_id: teacher for teacher in truth}
    expected = {key: seconds for t in teachers.values() for key, seconds in _expected(t)}
    found = dict(_found(actual))
    differing = [key for key in {**expected, **found} if expected.get(key, 0) != found.get(key, 0)]
    return [_difference(key, expected, found, teachers) for key in sorted(differing)]


def _expected(teacher: TeacherTruth) -> Iterator[tuple[Key, int]]:
    for programme_id, programme in teacher.programmes.items():
        yield (teacher.teacher_id, programme_id, "", "recognised"), programme.recognised
        for course_id, (learned, credited) in programme.courses.items():
            yield (teacher.teacher_id, programme_id, course_id, "learned"), learned
            yield (teacher.teacher_id, programme_id, course_id, "credited"), credited


def _found(actual: Actual) -> Iterator[tuple[Key, int]]:
    for (teacher_id, programme_id), recognised in actual.recognised.items():
        yield (teacher_id, programme_id, "", "recognised"), recognised
    for place, (learned, credited) in actual.courses.items():
        yield (*place, "learned"), learned
        yield (*place, "credited"), credited


def _difference(
    key: Key,
    expected: Mapping[Key, int],
    found: Mapping[Key, int],
    teachers: Mapping[str, TeacherTruth],
) -> Difference:
    teacher = teachers.get(key[0])
    did = (teacher.role, *teacher.behaviours) if teacher else ("not on the roster",)
    return Difference(*key, expected.get(key, 0), found.get(key, 0), did)
