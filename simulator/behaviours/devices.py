"""Several devices and unsteady networks: nothing of it may cost an honest teacher credit (14)."""

import heapq
from collections.abc import Iterable, Iterator
from operator import attrgetter

from simulator.actions import Action, Post
from simulator.behaviours.behaviour import Behaviour, any_video, long_enough
from simulator.catalogue import Resource
from simulator.human import HOUR, MINUTE, SECOND, Human, Play, view


def two_devices(human: Human, video: Resource) -> Iterator[Action]:
    """One half at school, then the other at home; both sessions stay open."""
    school = Play(human, video)
    yield from school.open()
    home = Play(human, video)
    yield from home.open()
    yield from view(school, 0, video.duration_ms // 2, human.rate())
    yield from school.post()
    human.wait(SECOND, 30 * MINUTE)
    yield from view(home, video.duration_ms // 2, video.duration_ms, human.rate())
    yield from home.post()


def two_at_once(human: Human, video: Resource) -> Iterator[Action]:
    """Both halves at the same time: only one of them fits into the teacher's time (rule 16)."""
    middle = video.duration_ms // 2
    yield from side_by_side(human, video, [(0, middle), (middle, video.duration_ms)])


def side_by_side(
    human: Human, video: Resource, parts: Iterable[tuple[int, int]]
) -> Iterator[Action]:
    """Each part at normal speed on a device of its own, all of them at the same time."""
    hands = [(human.another_hand(), part) for part in parts]
    yield from heapq.merge(
        *(_one_part(hand, video, part) for hand, part in hands), key=attrgetter("at")
    )
    human.now = max(hand.now for hand, _ in hands)


def _one_part(hand: Human, video: Resource, part: tuple[int, int]) -> Iterator[Action]:
    play = Play(hand, video)
    yield from play.open()
    yield from view(play, *part, rate=100)
    yield from play.post()


def offline(human: Human, video: Resource) -> Iterator[Action]:
    """No network until it is over; then everything in one go, within the grace (rule 16)."""
    play = Play(human, video, offline=True)
    yield from play.open()
    yield from view(play, 0, video.duration_ms, human.rate(slowest=100))
    human.wait(SECOND, 20 * MINUTE)
    yield from play.post()


def repeating(human: Human, video: Resource) -> Iterator[Action]:
    """Every post is sent two or three times: answers get lost on the way (rule 18)."""
    play = Play(human, video)
    yield from play.open()
    yield from _repeated(human, view(play, 0, video.duration_ms, human.rate()))
    yield from _repeated(human, play.post())


def _repeated(human: Human, actions: Iterator[Action]) -> Iterator[Action]:
    for action in actions:
        yield action
        if isinstance(action, Post):
            for _ in range(human.rng.randint(1, 2)):
                human.wait(2 * SECOND, 10 * SECOND)
                yield action._replace(at=human.now)


def late(human: Human, video: Resource) -> Iterator[Action]:
    """The first session's posts arrive behind those of the second, still within the grace."""
    split = _first_part(video)
    first = Play(human, video, offline=True)
    yield from first.open()
    yield from view(first, 0, split, human.rate(slowest=100))
    human.wait(MINUTE, 2 * MINUTE)
    second = Play(human, video)
    yield from second.open()
    yield from view(second, split, video.duration_ms, human.rate(slowest=100))
    yield from second.post()
    human.wait(split + MINUTE, split + 5 * MINUTE)
    yield from first.post()


def _first_part(video: Resource) -> int:
    """Up to the first quiz, so that nothing that must follow a quiz arrives late."""
    return min([video.duration_ms // 2, *(quiz.at_ms for quiz in video.quizzes)])


def fits_grace(video: Resource) -> bool:
    """Watched at normal speed, and posted up to 20 minutes later, still within two hours."""
    return any_video(video) and video.duration_ms <= HOUR


def can_be_late(video: Resource) -> bool:
    return any_video(video) and video.duration_ms <= 45 * MINUTE and _first_part(video) >= MINUTE


def long_for_two(video: Resource) -> bool:
    return long_enough(video) and video.duration_ms >= 10 * MINUTE


DEVICES = (
    Behaviour("two_devices", two_devices, earns=True, one_session=False),
    Behaviour("two_at_once", two_at_once, earns=False, fits=long_for_two,
              one_session=False),
    Behaviour("offline", offline, earns=True, fits=fits_grace),
    Behaviour("repeating", repeating, earns=True),
    Behaviour("late", late, earns=True, fits=can_be_late, one_session=False),
)
