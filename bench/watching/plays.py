"""One play, by construction: what happens in it, and from where on it is full and done.

Nothing here asks the rules. A play begins at 0 and leaves no gap behind the farthest place it came
to, so where it is says all: within the forgiven gap of the end the view is full; and it is done
when moreover each quiz was handed in (right, when the video came to its place) and the tail behind
the last one is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from random import Random
from typing import NamedTuple

from simulator.catalogue import Catalogue, Quiz

BEAT_MS = 15_000
GAP_MS = 2_000           # what the programme files forgive (rule 9); rules.md has both
TAIL_MS = 500
RATES = {100: 85, 125: 5, 150: 7, 200: 3}        # per cent of normal speed: per cent of the plays
PAUSES, SEEKS, LEAVES = 0.05, 0.05, 0.10         # shares of the plays
PAUSE_BEATS = (8, 40)    # two to ten minutes
SEEK_MS = (30_000, 300_000)


class What(IntEnum):
    """What happens at a place of the video; at the same place in this order."""

    QUIZ = 0
    PAUSE = 1
    BACK = 2
    LEAVE = 3
    END = 4


class Mark(NamedTuple):
    """`amount`: beats of a pause, or media milliseconds back."""

    at: int
    what: What
    amount: int = 0
    quiz: Quiz | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """`programmes`: those that list it and are open. `full_from`, `done_from`: media milliseconds
    from which on a view is full, and done if no quiz is open.
    """

    id: str
    duration_ms: int
    quizzes: tuple[Quiz, ...]
    programmes: tuple[str, ...]
    full_from: int
    done_from: int


def videos(catalogue: Catalogue, at: int) -> list[Video]:
    """Every video of a programme that is open at `at` (epoch ms), by id."""
    found = {one.id: one for programme in catalogue.programmes.values() for one in programme.videos}
    return [
        Video(id_, one.duration_ms, one.quizzes, _open(catalogue, id_, at),
              one.duration_ms - GAP_MS, one.duration_ms - (TAIL_MS if one.quizzes else GAP_MS))
        for id_, one in sorted(found.items()) if _open(catalogue, id_, at)
    ]


def _open(catalogue: Catalogue, resource_id: str, at: int) -> tuple[str, ...]:
    return tuple(programme.id for programme in catalogue.listing(resource_id)
                 if programme.opens_at <= at < programme.closes_at)


@dataclass(slots=True, eq=False)
class Play:
    """A play session under way. `at`: where it is, `step`: media milliseconds a beat; `marks`:
    what is still to happen, the next one last, none when it is over; `silent`: beats that it
    pauses for. A beat that ends before `plain_until` needs no thought.
    """

    number: int
    teacher_id: str
    video: Video
    session_id: str
    opened_at: int
    rate: int
    marks: list[Mark]
    is_cheat: bool = False
    seq: int = 1
    at: int = 0
    silent: int = 0
    step: int = 0
    plain_until: int = 0

    def __post_init__(self) -> None:
        self.step = BEAT_MS * self.rate // 100
        self.aim()

    def aim(self) -> None:
        """Set `plain_until` anew, after something has happened."""
        self.plain_until = 0
        if self.marks and self.at < self.video.full_from and not self.silent:
            self.plain_until = min(self.marks[-1].at, self.video.full_from)

    def reached(self) -> list[Mark]:
        """What happens where it is now. A pause, a leap back, the end: they happen with this."""
        came = []
        while self.marks and self.marks[-1].at == self.at:
            came.append(self.marks.pop())
            self._happen(came[-1])
        return came

    def _happen(self, mark: Mark) -> None:
        if mark.what is What.PAUSE:
            self.silent = mark.amount
        elif mark.what is What.BACK:
            self.at = max(0, self.at - mark.amount)
        elif mark.what is What.LEAVE:
            self.marks.clear()

    @property
    def is_full(self) -> bool:
        return self.at >= self.video.full_from

    @property
    def is_done(self) -> bool:
        """Cheats claim at once what takes its time, and xueshi refuses it (rule 16)."""
        return not self.is_cheat and self.at >= self.video.done_from and all(
            mark.what is not What.QUIZ for mark in self.marks)


def honest_marks(video: Video, random: Random) -> list[Mark]:
    """What happens in an honest play, the last first."""
    marks = _to_the_end(video)
    mostly: list[tuple[float, What, Callable[[], int]]] = [
        (PAUSES, What.PAUSE, lambda: random.randint(*PAUSE_BEATS)),
        (SEEKS, What.BACK, lambda: random.randint(*SEEK_MS)),
        (LEAVES, What.LEAVE, lambda: 0),
    ]
    for share, what, amount in mostly:
        if random.random() < share:
            marks.append(Mark(_middle(video, random), what, amount()))
    return _last_first(marks)


def cheats_marks(video: Video) -> list[Mark]:
    """A cheat claims everything, in a row."""
    return _last_first(_to_the_end(video))


def _to_the_end(video: Video) -> list[Mark]:
    return [*(Mark(quiz.at_ms, What.QUIZ, quiz=quiz) for quiz in video.quizzes),
            Mark(video.duration_ms, What.END)]


def _middle(video: Video, random: Random) -> int:
    return random.randint(video.duration_ms // 10, video.duration_ms * 9 // 10)


def _last_first(marks: list[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda mark: mark[:2], reverse=True)
