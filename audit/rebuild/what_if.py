"""What would change if the programme files were read differently. Nothing live is touched."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.rebuild.figures import Figure, Figures
from audit.rebuild.log import Log
from audit.rebuild.recompute import recompute
from pipeline.rules.programme import Catalogue

SECONDS = ("learned", "credited", "recognised")


class Change(NamedTuple):
    """One teacher in one programme; seconds as (before, after), `courses` those of the credited
    seconds by course, of courses that change.
    """

    teacher_id: str
    programme_id: str
    learned: tuple[int, int]
    credited: tuple[int, int]
    recognised: tuple[int, int]
    completed: tuple[bool, bool]
    courses: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class Total:
    """What one programme's changes come to: teachers, and credited seconds."""

    gaining: int = 0
    gained: int = 0
    losing: int = 0
    lost: int = 0
    newly_completed: int = 0
    no_longer_completed: int = 0

    def add(self, change: Change) -> None:
        """Count one more teacher's change in."""
        before, after = change.credited
        self.gaining += after > before
        self.gained += max(0, after - before)
        self.losing += after < before
        self.lost += max(0, before - after)
        self.newly_completed += change.completed == (False, True)
        self.no_longer_completed += change.completed == (True, False)


@dataclass(slots=True)
class Answer:
    """How many teachers there are, how many of them would see a change, totals by programme."""

    teachers: int = 0
    changed: int = 0
    totals: dict[str, Total] = field(default_factory=dict)


def what_if(
    log: Log, partitions: Iterable[int], now: Catalogue, other: Catalogue,
    tell: Callable[[Change], None],
) -> Answer:
    """Everybody's figures by the catalogue of now and by the other; each change is told.

    Raises:
        BrokerError: Kafka does not answer, or its topics are not those of the settings.
    """
    answer = Answer(totals={programme_id: Total() for programme_id in other.programmes})
    for partition in partitions:
        for teacher_id, (before, after) in recompute(log, partition, [now, other]):
            answer.teachers += 1
            changes = list(_changes(teacher_id, before, after))
            answer.changed += bool(changes)
            for change in changes:
                answer.totals[change.programme_id].add(change)
                tell(change)
    return answer


def _changes(teacher_id: str, before: Figures, after: Figures) -> Iterator[Change]:
    for programme_id in sorted({figure.programme_id for figure in {*before, *after}}):
        mine = {what: (_sum(before, programme_id, what), _sum(after, programme_id, what))
                for what in SECONDS}
        completed = Figure(programme_id, "", "completed_at")
        change = Change(teacher_id, programme_id, **mine,
                        completed=(completed in before, completed in after),
                        courses=dict(_courses(programme_id, before, after)))
        if change.courses or any(a != b for a, b in (*mine.values(), change.completed)):
            yield change


def _sum(figures: Figures, programme_id: str, what: str) -> int:
    return sum(value for figure, value in figures.items()
               if (figure.programme_id, figure.what) == (programme_id, what))


def _courses(
    programme_id: str, before: Figures, after: Figures
) -> Iterator[tuple[str, tuple[int, int]]]:
    for figure in sorted({*before, *after}):
        both = before.get(figure, 0), after.get(figure, 0)
        wanted = (figure.programme_id, figure.what) == (programme_id, "credited")
        if wanted and both[0] != both[1]:
            yield figure.place, both
