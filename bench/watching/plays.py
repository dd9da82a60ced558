"""One play, by construction: what happens in it, and from where on it is full and done.

Nothing here asks the rules. A play covers its video stretch by stretch, and goes back only within
one: so what it has not seen yet is the rest of the stretch it is in, and what it has not come to.
Mostly that is one stretch, from 0 to the end; a detour takes the stretches in another
order, and may leave one out for ever. Within the forgiven gap the view is full; and it is done when
moreover each quiz was handed in (right, before anything behind its place is played) and the tail
behind the last one is over.

So each play says all of its view, also where a teacher opens a video again: a play from 0 needs
nothing of the one before, and the video of a detour is opened for nothing else (evening.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
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
DETOURS = 0.04           # share of the plays
HOLES, RETURNS = 0.35, 0.5   # of these: never see one stretch; go on in a session of their own
CUTS = ((20, 40), (60, 80))  # per cent of the way to a quiz or the end: where a detour cuts it
AGAIN, AGAIN_MS = 4, 1_000   # so often, each time this much nearer to the end
ORDERS = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


class What(IntEnum):
    """What happens at a place of the video; at the same place in this order."""

    QUIZ = 0
    PAUSE = 1
    BACK = 2
    LEAVE = 3
    JUMP = 4
    RETURN = 5
    END = 6


ENDS = (What.JUMP, What.RETURN, What.END)  # a stretch is over


class Mark(NamedTuple):
    """`amount`: beats of a pause, media milliseconds back, or the place to go on at: at once, or
    when the teacher returns with another session.
    """

    at: int
    what: What
    amount: int = 0
    quiz: Quiz | None = None


class Way(NamedTuple):
    """How a play goes through its video: from where, and what happens, the last first."""

    at: int
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Video:
    """`programmes`: those that list it and are open."""

    id: str
    duration_ms: int
    quizzes: tuple[Quiz, ...]
    programmes: tuple[str, ...]

    @property
    def forgiven_ms(self) -> int:
        """What may lack when it is done; the gap forgiven behind a quiz is the smaller one."""
        return TAIL_MS if self.quizzes else GAP_MS


def videos(catalogue: Catalogue, at: int) -> list[Video]:
    """Every video of a programme that is open at `at` (epoch ms), by id."""
    found = {one.id: one for programme in catalogue.programmes.values() for one in programme.videos}
    return [Video(id_, one.duration_ms, one.quizzes, _open(catalogue, id_, at))
            for id_, one in sorted(found.items()) if _open(catalogue, id_, at)]


def _open(catalogue: Catalogue, resource_id: str, at: int) -> tuple[str, ...]:
    return tuple(programme.id for programme in catalogue.listing(resource_id)
                 if programme.opens_at <= at < programme.closes_at)


@dataclass(slots=True, eq=False)
class Play:
    """A play session under way. `at`: where it is, `until`: where its stretch ends, `elsewhere`:
    media milliseconds outside of it that were not played, `step`: those of a beat; `marks`: what
    is still to happen, the next one last, none when it is over; `silent`: beats that it pauses
    for. A beat that ends before `plain_until` needs no thought.
    """

    number: int
    teacher_id: str
    video: Video
    session_id: str
    opened_at: int
    rate: int
    at: int
    marks: list[Mark]
    is_cheat: bool = False
    seq: int = 1
    silent: int = 0
    step: int = 0
    until: int = 0
    elsewhere: int = 0
    plain_until: int = 0

    def __post_init__(self) -> None:
        self.step = BEAT_MS * self.rate // 100
        self.elsewhere = self.video.duration_ms
        self._go_on(self.at)
        self.aim()

    def _go_on(self, at: int) -> None:
        """Begin a stretch."""
        self.at = at
        self.until = next(mark.at for mark in reversed(self.marks) if mark.what in ENDS)
        self.elsewhere -= self.until - at

    def aim(self) -> None:
        """Set `plain_until` anew, after something has happened."""
        full_from = self.until + self.elsewhere - GAP_MS
        self.plain_until = 0
        if self.marks and self.at < full_from and not self.silent:
            self.plain_until = min(self.marks[-1].at, full_from)

    def reached(self) -> list[Mark]:
        """What happens where it is now. A pause, a leap, the end: they happen with this."""
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
        elif mark.what in (What.JUMP, What.RETURN):
            self._go_on(mark.amount)

    def come_back(self, session_id: str, now: int) -> None:
        """Go on in another session."""
        self.session_id, self.opened_at, self.seq = session_id, now, 1

    @property
    def unseen(self) -> int:
        return self.until - self.at + self.elsewhere

    @property
    def is_full(self) -> bool:
        return self.unseen <= GAP_MS

    @property
    def is_done(self) -> bool:
        """Cheats claim at once what takes its time, and xueshi refuses it (rule 16)."""
        return not self.is_cheat and self.unseen <= self.video.forgiven_ms and all(
            mark.what is not What.QUIZ for mark in self.marks)


def honest(video: Video, random: Random) -> Way:
    """An honest play from 0 on."""
    marks = _to_the_end(video)
    mostly: list[tuple[float, What, Callable[[], int]]] = [
        (PAUSES, What.PAUSE, lambda: random.randint(*PAUSE_BEATS)),
        (SEEKS, What.BACK, lambda: random.randint(*SEEK_MS)),
        (LEAVES, What.LEAVE, lambda: 0),
    ]
    for share, what, amount in mostly:
        if random.random() < share:
            marks.append(Mark(_middle(video, random), what, amount()))
    return _from_0(marks)


def visit(video: Video, beats_ms: int, random: Random) -> Way:
    """So much of it, half of it at most, from anywhere."""
    length = min(beats_ms, video.duration_ms // 2)
    at = random.randrange(video.duration_ms - length)
    return Way(at, [Mark(video.duration_ms, What.END), Mark(at + length, What.LEAVE)])


def cheats(video: Video) -> Way:
    """A cheat claims everything, in a row."""
    return _from_0(_to_the_end(video))


def _to_the_end(video: Video) -> list[Mark]:
    return [*(Mark(quiz.at_ms, What.QUIZ, quiz=quiz) for quiz in video.quizzes),
            Mark(video.duration_ms, What.END)]


def _middle(video: Video, random: Random) -> int:
    return random.randint(video.duration_ms // 10, video.duration_ms * 9 // 10)


def _from_0(marks: list[Mark]) -> Way:
    return Way(0, sorted(marks, key=lambda mark: mark[:2], reverse=True))


class Piece(NamedTuple):
    """A stretch of a detour; `quizzes`: handed in at its end."""

    start: int
    end: int
    quizzes: list[Quiz]


def detour(video: Video, random: Random) -> Way:
    """An honest play that jumps ahead and comes back. Some leave a hole for ever, and see the last
    piece again and again: added up, that is more than the video.
    """
    leap = What.RETURN if random.random() < RETURNS else What.JUMP
    hole = random.randrange(2) if random.random() < HOLES else None
    pieces = _pieces(video, hole, random)
    marks: list[Mark] = []
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if following is None and hole is not None:
            marks += _again(piece)
        marks += [Mark(piece.end, What.QUIZ, quiz=quiz) for quiz in piece.quizzes]
        marks.append(Mark(piece.end, leap, following.start) if following
                     else Mark(piece.end, What.END))
    return Way(pieces[0].start, marks[::-1])


def _again(piece: Piece) -> list[Mark]:
    places = [piece.end - number * AGAIN_MS for number in range(AGAIN, 0, -1)]
    return [Mark(at, What.BACK, at - piece.start) for at in places]


def _pieces(video: Video, hole: int | None, random: Random) -> list[Piece]:
    """The way to each quiz and to the end, cut in three, in another order. A hole is on the first
    way, and never at its end: the farthest place of the video is seen all the same.
    """
    places = sorted({0, video.duration_ms, *(quiz.at_ms for quiz in video.quizzes)})
    found: list[Piece] = []
    for start, end in pairwise(places):
        found += _shuffled(start, end, hole if start == 0 else None, random)
        found[-1].quizzes.extend(quiz for quiz in video.quizzes if quiz.at_ms == end)
    return found


def _shuffled(start: int, end: int, hole: int | None, random: Random) -> list[Piece]:
    cuts = [start + (end - start) * random.randint(*some) // 100 for some in CUTS]
    parts = list(pairwise([start, *cuts, end]))
    return [Piece(*parts[number], []) for number in random.choice(ORDERS) if number != hole]
