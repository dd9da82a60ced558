"""How videos are watched, with each quiz passed in its place: all of it, or not."""

from collections.abc import Iterator
from itertools import pairwise

from simulator.actions import Action
from simulator.behaviours.behaviour import MARGIN, Behaviour, long_enough
from simulator.catalogue import Resource
from simulator.human import MINUTE, SECOND, Human, Play, quizzes_in, view


def honest(human: Human, video: Resource) -> Iterator[Action]:
    """Start, watch, finish."""
    play = Play(human, video)
    yield from play.open()
    yield from view(play, 0, video.duration_ms, human.rate())
    yield from play.post()


def pausing(human: Human, video: Resource) -> Iterator[Action]:
    """Breaks of some minutes, and another rate after each."""
    play = Play(human, video)
    yield from play.open()
    for start, end in _cut(human, video, parts=4):
        yield from view(play, start, end, human.rate())
        human.wait(10 * SECOND, 15 * MINUTE)
    yield from play.post()


def in_parts(human: Human, video: Resource) -> Iterator[Action]:
    """Comes back some time later, each time in a new session."""
    for start, end in _cut(human, video, parts=3):
        play = Play(human, video)
        yield from play.open()
        yield from view(play, start, end, human.rate())
        yield from play.post()
        human.wait(5 * MINUTE, 30 * MINUTE)


def rewatching(human: Human, video: Resource) -> Iterator[Action]:
    """Likes it, and watches half of it again: more watch time, no more credit (rule 12)."""
    yield from honest(human, video)
    human.wait(MINUTE, 20 * MINUTE)
    play = Play(human, video)
    yield from play.open()
    yield from play.watch(0, video.duration_ms // 2, human.rate())
    yield from play.post()


def jumping(human: Human, video: Resource) -> Iterator[Action]:
    """Seeks to and fro between two quizzes, and in the end has covered all (rule 9)."""
    play = Play(human, video)
    yield from play.open()
    edges = sorted({0, *(quiz.at_ms for quiz in video.quizzes), video.duration_ms})
    for start, end in pairwise(edges):
        for quiz in quizzes_in(video, start, start + 1):
            yield from play.answer(quiz)
        for left, right in _shuffled_quarters(human, start, end):
            yield from play.watch(left, right, human.rate())
    for quiz in quizzes_in(video, video.duration_ms, video.duration_ms):
        yield from play.answer(quiz)
    yield from play.post()


def leaving(human: Human, video: Resource) -> Iterator[Action]:
    """Stops somewhere in the middle and never comes back."""
    play = Play(human, video)
    yield from play.open()
    stop = round(video.duration_ms * human.rng.uniform(0.3, 0.7))
    yield from view(play, 0, stop, human.rate())
    yield from play.post()


def skipping(human: Human, video: Resource) -> Iterator[Action]:
    """Seeks forward over a part: seeking covers nothing (rule 9)."""
    play = Play(human, video)
    yield from play.open()
    start = round(video.duration_ms * human.rng.uniform(0.1, 0.5))
    end = start + MARGIN + round(video.duration_ms * human.rng.uniform(0.05, 0.2))
    yield from view(play, 0, start, human.rate())
    for quiz in quizzes_in(video, start, end):
        yield from play.answer(quiz)
    yield from view(play, end, video.duration_ms, human.rate())
    yield from play.post()


def first_half(human: Human, video: Resource) -> Iterator[Action]:
    """One half of it, for those who watch the other half outside the window."""
    play = Play(human, video)
    yield from play.open()
    yield from view(play, 0, video.duration_ms // 2, human.rate())
    yield from play.post()


def second_half(human: Human, video: Resource) -> Iterator[Action]:
    """The other half."""
    play = Play(human, video)
    yield from play.open()
    yield from view(play, video.duration_ms // 2, video.duration_ms, human.rate())
    yield from play.post()


def _cut(human: Human, video: Resource, parts: int) -> list[tuple[int, int]]:
    """The video in parts of random lengths."""
    inner = sorted(human.rng.randrange(1, video.duration_ms) for _ in range(parts - 1))
    edges = [0, *inner, video.duration_ms]
    return list(pairwise(edges))


def _shuffled_quarters(human: Human, start: int, end: int) -> list[tuple[int, int]]:
    edges = [start + (end - start) * quarter // 4 for quarter in range(5)]
    quarters = list(pairwise(edges))
    human.rng.shuffle(quarters)
    return quarters


HONEST = Behaviour("honest", honest, earns=True)
FIRST_HALF = Behaviour("first_half", first_half, earns=False, fits=long_enough)
SECOND_HALF = Behaviour("second_half", second_half, earns=False, fits=long_enough)

VIEWING = (
    HONEST,
    Behaviour("pausing", pausing, earns=True),
    Behaviour("in_parts", in_parts, earns=True, one_session=False),
    Behaviour("rewatching", rewatching, earns=True, one_session=False),
    Behaviour("jumping", jumping, earns=True),
    Behaviour("leaving", leaving, earns=False, fits=long_enough),
    Behaviour("skipping", skipping, earns=False, fits=long_enough),
)
