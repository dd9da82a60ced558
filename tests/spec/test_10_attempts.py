"""Rules 10, 14, 19 ⚙ `quiz_attempts`: how often a quiz may be tried within 24 hours.

The video has a minute and its quiz at the very end, so that passing it is all that is left.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from pipeline.agents.watching import TAKEN
from pipeline.rules.programme import Programme, Resource, Window
from pipeline.rules.watching import QuizAnswers, Verdict
from pipeline.schemas.rejections import Reason
from tests.spec.story import (
    DAY,
    EARLIER_WINDOW,
    HOUR,
    SUMMER_WINDOW,
    Again,
    Answer,
    At,
    Step,
    Story,
    Wait,
    Watch,
    of_video,
    quiz,
    tell,
    video,
)

MINUTE = video(quiz(60))
TWO = video(quiz(60, "q1"), quiz(60, "q2"))
OK, AGAIN, MANY = Verdict.ACCEPTED, Verdict.REPEATED, Verdict.TOO_MANY_ATTEMPTS
WRONG, RIGHT = Answer(right=0), Answer()


def tried(
    steps: Sequence[Step], resource: Resource = MINUTE, **settings: object
) -> tuple[list[str], bool]:
    """What became of each step after all was watched; and whether the video is done."""
    story = tell([Watch(0, 60), *steps], of_video(resource, **settings))
    return story.verdicts[1:], bool(story.done())


@pytest.mark.parametrize(("steps", "verdicts", "done"), [
    # Two attempts count, a third one does not, right or wrong;
    ([WRONG, RIGHT], [OK, OK], True),
    ([WRONG, WRONG, RIGHT], [OK, OK, MANY], False),
    ([WRONG, WRONG, WRONG, RIGHT], [OK, OK, MANY, MANY], False),
    # whatever device or session it comes from.
    ([WRONG, replace(WRONG, on="tv"), replace(RIGHT, on="phone")], [OK, OK, MANY], False),
    # It is no calendar day: exactly 24 hours after the first one, one more counts, and no two.
    ([WRONG, WRONG, Wait(DAY - 0.001), RIGHT], [OK, OK, MANY], False),
    ([WRONG, WRONG, Wait(DAY), RIGHT], [OK, OK, OK], True),
    ([WRONG, Wait(12 * HOUR), WRONG, Wait(12 * HOUR), WRONG, RIGHT], [OK, OK, OK, MANY], False),
    ([WRONG, Wait(12 * HOUR), WRONG, Wait(12 * HOUR), WRONG, Wait(12 * HOUR), RIGHT],
     [OK, OK, OK, OK], True),
    # What is refused is no attempt: nobody is locked out for ever by trying.
    ([WRONG, WRONG, *[Wait(8 * HOUR), WRONG] * 2, Wait(8 * HOUR), RIGHT],
     [OK, OK, MANY, MANY, OK], True),
    # The same report once more is no attempt either,
    ([WRONG, Again(), Again(), RIGHT], [OK, AGAIN, AGAIN, OK], True),
    # and one that was refused is used up: to try again is to hand in anew.
    ([WRONG, WRONG, RIGHT, Wait(DAY), Again(), RIGHT], [OK, OK, MANY, AGAIN, OK], True),
    # What cannot be decided is none.
    ([Answer(quiz="none"), WRONG, Answer(quiz="none"), RIGHT],
     [Verdict.UNKNOWN_QUIZ, OK, Verdict.UNKNOWN_QUIZ, OK], True),
    # Watching is not limited.
    ([WRONG, WRONG, RIGHT, Watch(0, 60), Watch(0, 60)], [OK, OK, MANY, OK, OK], False),
    # Where the video is done nothing is looked at any more.
    ([RIGHT, WRONG, WRONG, WRONG], [OK, OK, OK, OK], True),
])
def test_rules_10_18_two_attempts_within_any_24_hours(
    steps: list[Step], verdicts: list[str], done: bool
) -> None:
    assert tried(steps, quiz_attempts=2) == (verdicts, done)


@pytest.mark.parametrize(("limit", "verdicts"), [
    (None, [OK] * 5), (1, [OK, *[MANY] * 4]), (4, [*[OK] * 4, MANY]), (5, [OK] * 5),
])
def test_rule_10_without_the_setting_every_attempt_counts(
    limit: int | None, verdicts: list[str]
) -> None:
    settings: dict[str, Any] = {} if limit is None else {"quiz_attempts": limit}
    assert tried([WRONG] * 4 + [RIGHT], **settings) == (verdicts, verdicts[-1] is OK)


def test_rule_10_every_quiz_has_attempts_of_its_own() -> None:
    first, second = replace(RIGHT, quiz="q1"), replace(RIGHT, quiz="q2")
    steps: list[Step] = [replace(first, right=0), replace(second, right=0), first, second]
    assert tried(steps, TWO, quiz_attempts=1) == ([OK, OK, MANY, MANY], False)
    assert tried(steps, TWO, quiz_attempts=2) == ([OK] * 4, True)


def test_rule_10_where_handing_in_is_enough_half_of_it_is_an_attempt() -> None:
    half = Answer(answers={"1": "A"})
    assert tried([half, RIGHT], quiz_rule="completed", quiz_attempts=1) == ([OK, MANY], False)
    assert tried([half, WRONG], quiz_rule="completed", quiz_attempts=2) == ([OK, OK], True)


def test_rules_10_12_what_is_outside_the_window_is_no_attempt() -> None:
    steps: list[Step] = [
        At("2023-07-13 23:00"), WRONG, WRONG, At("2023-07-14 01:00"), Watch(0, 60), WRONG, RIGHT]
    story = tell(steps, of_video(MINUTE, quiz_attempts=2))
    assert (story.verdicts, story.done()) == ([OK] * 5, {"video"})


OVER = Window(0, SUMMER_WINDOW.opens_at, 0)


def also(**settings: object) -> Programme:
    """Another programme that lists the video."""
    return of_video(MINUTE, id="also", **settings)


@pytest.mark.parametrize(("limit", "other", "steps", "verdicts", "summer", "there"), [
    # Each has its own limit: what is beyond one of them may count in the other.
    (1, also(), [WRONG, RIGHT], [OK, OK], False, True),
    (None, also(quiz_attempts=1), [WRONG, RIGHT], [OK, OK], True, False),
    (1, also(quiz_attempts=2), [WRONG, RIGHT], [OK, OK], False, True),
    # Beyond both it is refused.
    (1, also(quiz_attempts=1), [WRONG, RIGHT], [OK, MANY], False, False),
    (1, also(quiz_attempts=2), [WRONG, WRONG, RIGHT], [OK, OK, MANY], False, False),
    # What did not count in one is no attempt there: a day after the first, one more counts.
    (1, also(quiz_attempts=2), [WRONG, Wait(12 * HOUR), WRONG, Wait(12 * HOUR), RIGHT],
     [OK, OK, OK], True, True),
    # Who need not look at it any more does not make it count: it is done there,
    (1, also(quiz_rule="completed"), [WRONG, RIGHT], [OK, MANY], False, True),
    # or closed.
    (1, also(window=OVER), [WRONG, RIGHT], [OK, MANY], False, False),
])
def test_rule_10_each_programme_has_its_own_limit(
    limit: int | None, other: Programme, steps: list[Step], verdicts: list[str],
    summer: bool, there: bool,
) -> None:
    for programmes in permutations([of_video(MINUTE, quiz_attempts=limit), other]):
        story = tell([Watch(0, 60), *steps], *programmes)
        assert story.verdicts[1:] == verdicts
        assert (bool(story.done()), bool(story.done("also"))) == (summer, there)


def at_hours(*hours: int, last: int) -> list[QuizAnswers]:
    """Hand-ins of as many sessions, so many hours after the first; all wrong, but in the last one
    so many answers are right.
    """
    steps: list[Step] = []
    for number, (hour, before) in enumerate(zip(hours, (0, *hours), strict=False)):
        right = last if number == len(hours) - 1 else 0
        steps += [Wait((hour - before) * HOUR), Answer(right, on=f"s{number}")]
    sent = tell(steps, of_video(MINUTE, window=EARLIER_WINDOW)).sent
    return [event for event in sent if isinstance(event, QuizAnswers)]


def in_order(order: Sequence[QuizAnswers], limit: int) -> Story:
    story = tell([Watch(0, 60)], of_video(MINUTE, quiz_attempts=limit))
    for event in order:
        story.arrive(event)
    return story


@pytest.mark.parametrize(("limit", "hours"), [
    (1, (0, 24)), (2, (0, 12, 24)), (2, (0, 0, 24)), (3, (0, 1, 23, 24)), (4, (0, 0, 7, 7)),
])
def test_rule_14_within_the_limit_the_order_of_arrival_changes_nothing(
    limit: int, hours: tuple[int, ...]
) -> None:
    for order in permutations(at_hours(*hours, last=5)):
        story = in_order(order, limit)
        assert (set(story.verdicts), story.done()) == ({OK}, {"video"}), order


@pytest.mark.parametrize(("limit", "hours"), [
    (1, (0, 10, 20)), (2, (0, 6, 12, 24)), (2, (0, 8, 16, 23, 24)),
])
def test_rule_14_beyond_the_limit_no_order_gets_more_looked_at(
    limit: int, hours: tuple[int, ...]
) -> None:
    """Which ones count depends on the order, how many does not exceed the limit."""
    for order in permutations(at_hours(*hours, last=0)):
        story = in_order([*order, *order], limit)
        first, again = story.verdicts[1:len(order) + 1], story.verdicts[len(order) + 1:]
        assert again == [AGAIN] * len(order)
        counted = sorted(event.received_at for event, verdict in zip(order, first, strict=True)
                         if verdict is OK)
        assert MANY in first
        assert all(last - one >= DAY * 1000 for one, last in
                   zip(counted, counted[limit:], strict=False)), order


def test_rule_19_a_refused_attempt_has_a_reason_and_leaves_no_trace_but_its_number() -> None:
    """How it is kept: tests/agents/test_watching.py; how it is explained: tests/audit."""
    story = tell([Watch(0, 60), WRONG], of_video(MINUTE, quiz_attempts=1))
    before = repr(story.viewer.videos)
    story.take(RIGHT)
    assert story.verdicts[-1] == Reason.TOO_MANY_ATTEMPTS
    assert story.verdicts[-1] not in TAKEN
    assert repr(story.viewer.videos) == before
    assert story.viewer.sessions["pc/video"].seqs == [1, 4]
