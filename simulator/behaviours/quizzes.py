"""How quizzes are taken: failed, passed late, passed first, with or without what follows (8)."""

from collections.abc import Iterator
from itertools import pairwise

from simulator.actions import Action
from simulator.behaviours.behaviour import MARGIN, Behaviour, any_video, long_enough
from simulator.catalogue import Quiz, Resource
from simulator.human import MINUTE, SECOND, Human, Play, quizzes_in, view


def has_quiz(video: Resource) -> bool:
    return any_video(video) and bool(video.quizzes)


def has_tail(video: Resource) -> bool:
    """There is a quiz with enough behind it to be missed."""
    return long_enough(video) and any(_tail_ms(video, q) >= 2 * MARGIN for q in video.quizzes)


def failing(human: Human, video: Resource) -> Iterator[Action]:
    """Watches all, but fails one quiz for good."""
    play = Play(human, video)
    yield from play.open()
    yield from _view_except(play, failed := human.rng.choice(video.quizzes))
    yield from play.answer(failed, right=False)


def failing_once(human: Human, video: Resource) -> Iterator[Action]:
    """Fails, thinks again, passes, and watches on."""
    play = Play(human, video)
    yield from play.open()
    hard = human.rng.choice(video.quizzes)
    yield from _view_except(play, hard, stop=hard.at_ms)
    yield from play.answer(hard, right=False)
    human.wait(30 * SECOND, 5 * MINUTE)
    yield from view(play, hard.at_ms, video.duration_ms, human.rate())
    yield from play.post()


def passing_late(human: Human, video: Resource) -> Iterator[Action]:
    """Watches all, fails every quiz, passes them in a later session and watches what follows."""
    play = Play(human, video)
    yield from play.open()
    yield from play.watch(0, video.duration_ms, human.rate())
    for quiz in video.quizzes:
        yield from play.answer(quiz, right=False)
    human.wait(MINUTE, 30 * MINUTE)
    again = Play(human, video)
    yield from again.open()
    yield from view(again, video.quizzes[0].at_ms, video.duration_ms, human.rate())
    yield from again.post()


def quiz_first(human: Human, video: Resource) -> Iterator[Action]:
    """Passes every quiz at once, then watches what follows each, the last part first."""
    play = Play(human, video)
    yield from play.open()
    for quiz in video.quizzes:
        yield from play.answer(quiz)
    edges = sorted({0, *(quiz.at_ms for quiz in video.quizzes), video.duration_ms})
    for start, end in reversed(list(pairwise(edges))):
        yield from play.watch(start, end, human.rate())
    yield from play.post()


def skipping_tail(human: Human, video: Resource) -> Iterator[Action]:
    """Passes the quiz and leaves before the end."""
    play = Play(human, video)
    yield from play.open()
    quiz = _with_tail(human, video)
    stop = human.rng.randint(quiz.at_ms + 1, video.duration_ms - MARGIN)
    yield from view(play, 0, stop, human.rate())
    yield from play.post()


def tail_before_quiz(human: Human, video: Resource) -> Iterator[Action]:
    """Watches to the end, goes back, passes the quiz, and watches no more (rule 8 c)."""
    play = Play(human, video)
    yield from play.open()
    yield from _view_except(play, quiz := _with_tail(human, video))
    yield from play.answer(quiz)


def _view_except(play: Play, left_out: Quiz, stop: int | None = None) -> Iterator[Action]:
    """Watch all, or up to `stop`, and pass every quiz on the way but one."""
    at, rate = 0, play.human.rate()
    end = play.resource.duration_ms if stop is None else stop
    for quiz in quizzes_in(play.resource, 0, end):
        yield from play.watch(at, quiz.at_ms, rate)
        at = quiz.at_ms
        if quiz is not left_out:
            yield from play.answer(quiz)
    yield from play.watch(at, end, rate)


def _with_tail(human: Human, video: Resource) -> Quiz:
    return human.rng.choice([q for q in video.quizzes if _tail_ms(video, q) >= 2 * MARGIN])


def _tail_ms(video: Resource, quiz: Quiz) -> int:
    return video.duration_ms - quiz.at_ms


QUIZZES = (
    Behaviour("failing", failing, earns=False, fits=has_quiz),
    Behaviour("failing_once", failing_once, earns=True, fits=has_quiz),
    Behaviour("passing_late", passing_late, earns=True, fits=has_quiz,
              one_session=False),
    Behaviour("quiz_first", quiz_first, earns=True, fits=has_quiz),
    Behaviour("skipping_tail", skipping_tail, earns=False, fits=has_tail),
    Behaviour("tail_before_quiz", tail_before_quiz, earns=False, fits=has_tail),
)
