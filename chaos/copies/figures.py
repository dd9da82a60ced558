"""What every copy is brought to, and what differs from the truth."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Key(NamedTuple):
    """Of what a figure is. Seconds, 1 for what is done, or counts of teachers.

    what                     teacher_id  place
    learned, credited        yes         course
    recognised               yes         ""
    done                     yes         video completed in the programme's own window
    counted                  yes         the same, with what was carried over to it (rule 5)
    school.…, region.…       ""          rollups: school or region, or school/course …
    all.…                    ""          "": sums over all teachers
    """

    what: str
    teacher_id: str
    programme_id: str
    place: str


Figures = dict[Key, int]
"""A figure that is missing is 0."""


class Difference(NamedTuple):
    """One figure of one copy that is not as it should be; see `Key`. Where a copy contradicts
    itself, `what` says so in words.
    """

    copy: str
    teacher_id: str
    programme_id: str
    place: str
    what: str
    expected: object
    actual: object

    def __str__(self) -> str:
        where = "/".join(filter(None, (self.teacher_id, self.programme_id, self.place)))
        return f"{self.copy}: {where}: {self.what} {self.actual}, should be {self.expected}"


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy as it was read. `holds`: the kinds of figures (`Key.what`) that it has to have;
    `broken`: where it contradicts itself.
    """

    name: str
    holds: frozenset[str]
    figures: Figures
    broken: list[Difference] = field(default_factory=list)


CREDIT = frozenset({"learned", "credited", "recognised"})


def compare(copy: Copy, truth: Figures) -> list[Difference]:
    """Where the copy says otherwise than the truth, about unknown teachers too."""
    keys = {key for key in (*truth, *copy.figures) if key.what in copy.holds}
    return [*copy.broken, *(
        Difference(copy.name, key.teacher_id, key.programme_id, key.place, key.what,
                   truth.get(key, 0), copy.figures.get(key, 0))
        for key in sorted(keys) if truth.get(key, 0) != copy.figures.get(key, 0))]


def compared(copy: Copy, truth: Figures) -> int:
    """How many figures of the truth the copy was held to."""
    return sum(key.what in copy.holds for key in truth)
