"""One teacher with one virtual wall clock, and the players they sit at (rule 16)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from simulator.actions import Action, Answer, Answers, Beat, Event, Open, Post, Trick
from simulator.catalogue import Quiz, Resource

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

MAX_PRICED_RATE = 200
"""Per cent. Nobody honest here plays faster, so what they claim is what they took."""

EVENTS_A_POST = 400
"""Most events the simulator puts in one post; the collector takes 500."""


@dataclass(slots=True)
class Human:
    """`now` is the teacher's own clock; only what really takes time moves it."""

    teacher_id: str
    rng: random.Random
    now: int
    beat_ms: int
    batch: int
    labels: Iterator[int] = field(default_factory=lambda: count(1))

    def wait(self, low_ms: int, high_ms: int) -> None:
        """Let some time go by."""
        self.now += self.rng.randint(low_ms, high_ms)

    def another_hand(self) -> "Human":
        """The same teacher at another device, in parallel: a clock of its own from now on."""
        return replace(self)

    def rate(self, slowest: int = 75) -> int:
        """A rate of play in per cent that a player offers."""
        return self.rng.choice([r for r in (75, 100, 100, 100, 125, 150, 200) if r >= slowest])


class Play:
    """One play session at a player, which queues events and posts them in batches."""

    def __init__(self, human: Human, resource: Resource, *, offline: bool = False) -> None:
        self.human = human
        self.resource = resource
        self.label = f"p{next(human.labels)}"
        self._offline = offline
        self._seq = count(1)
        self._queue: list[Event] = []

    def open(self) -> Iterator[Action]:
        """Open the session; loading the video takes some seconds."""
        yield Open(self.human.now, self.label, self.resource.id)
        self.human.wait(SECOND, 5 * SECOND)

    def watch(self, start: int, end: int, rate: int) -> Iterator[Action]:
        """Really play [start, end): the clock moves by what it takes."""
        for left, right in pieces(start, end, self.human.beat_ms):
            self.human.now += -(-(right - left) * 100 // min(rate, MAX_PRICED_RATE))
            self._queue.append(Beat(next(self._seq), left, right, rate))
            if not self._offline and len(self._queue) >= self.human.batch:
                yield from self.post()

    def claim(self, start: int, end: int, rate: int = 100) -> None:
        """Say that [start, end) was played, in no time at all: cheats do."""
        for left, right in pieces(start, end, 15 * SECOND):
            self._queue.append(Beat(next(self._seq), left, right, rate))

    def answer(self, quiz: Quiz, *, right: bool = True) -> Iterator[Action]:
        """Hand in a quiz, and post all that was queued unless offline."""
        self.human.wait(5 * SECOND, 20 * SECOND)
        self.claim_answers(quiz, right=right)
        if not self._offline:
            yield from self.post()

    def claim_answers(self, quiz: Quiz, *, right: bool = True, claims_pass: bool = False) -> None:
        """Queue answers without taking the time."""
        answers = quiz.key if right else wrong_answers(quiz)
        self._queue.append(Answers(next(self._seq), quiz.id, answers, claims_pass))

    def post(
        self, trick: Trick = Trick.NONE, claimed_resource: str | None = None
    ) -> Iterator[Post]:
        """Post what is queued; a long queue takes several posts, a second apart."""
        queue, self._queue = self._queue, []
        for first in range(0, len(queue), EVENTS_A_POST):
            self.human.now += SECOND if first else 0
            events = tuple(queue[first:first + EVENTS_A_POST])
            yield Post(self.human.now, self.label, events, trick, claimed_resource)


def pieces(start: int, end: int, length: int) -> Iterator[tuple[int, int]]:
    """[start, end) cut into pieces of `length`, the last one shorter."""
    for left in range(start, end, length):
        yield left, min(left + length, end)


def quizzes_in(resource: Resource, start: int, end: int) -> Iterator[Quiz]:
    """The quizzes at [start, end), and at `end` where that is the video's."""
    for quiz in resource.quizzes:
        if start <= quiz.at_ms < end or quiz.at_ms == end == resource.duration_ms:
            yield quiz


def view(play: Play, start: int, end: int, rate: int) -> Iterator[Action]:
    """Play [start, end), passing each quiz on the way at its place."""
    for quiz in quizzes_in(play.resource, start, end):
        yield from play.watch(start, quiz.at_ms, rate)
        yield from play.answer(quiz)
        start = quiz.at_ms
    yield from play.watch(start, end, rate)


def claim_view(play: Play, start: int, end: int, rate: int = 100) -> None:
    """Claim what `view` would do, in no time at all."""
    for quiz in quizzes_in(play.resource, start, end):
        play.claim(start, quiz.at_ms, rate)
        play.claim_answers(quiz)
        start = quiz.at_ms
    play.claim(start, end, rate)


def wrong_answers(quiz: Quiz) -> dict[str, Answer]:
    """An answer to every question, each of them wrong."""
    return {question: _wrong(right) for question, right in quiz.key.items()}


def _wrong(right: Answer) -> Answer:
    if isinstance(right, str):
        return next(choice for choice in "ABCD" if choice != right)
    return tuple(choice for choice in "ABCDEFGH" if choice not in right)[:1]
