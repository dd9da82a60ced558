"""Rules 8 to 14: when a video counts, and what it then credits."""

from collections.abc import Mapping

import pytest

from pipeline.rules.credit import Account, Standing, enrol, mark_done, standing
from pipeline.rules.programme import Course, Programme, Resource
from tests.spec.story import (
    EARLIER_WINDOW,
    Again,
    Answer,
    At,
    Online,
    Open,
    Step,
    Wait,
    Watch,
    course,
    moment,
    of_video,
    programme,
    quiz,
    tell,
    video,
)

NO_QUIZ = video()
AT_END = video(quiz(60))
AT_40 = video(quiz(40))
AT_START = video(quiz(0))
TWO = video(quiz(20, "q1"), quiz(40, "q2"))

DONE, OPEN = True, False


def is_done(resource: Resource, steps: list[Step], **settings: object) -> bool:
    return tell(steps, of_video(resource, **settings)).done() == {"video"}


@pytest.mark.parametrize(("resource", "steps", "done"), [
    # (a) all of it was watched
    (NO_QUIZ, [Watch(0, 60)], DONE),
    (NO_QUIZ, [Watch(0, 50)], OPEN),
    # (b) and the quiz was passed
    (AT_END, [Watch(0, 60)], OPEN),
    (AT_END, [Watch(0, 60), Answer(right=0)], OPEN),
    (AT_END, [Watch(0, 60), Answer()], DONE),
    (AT_END, [Answer()], OPEN),
    # a quiz at the very end leaves nothing to watch after it: the order does not matter
    (AT_END, [Answer(), Watch(0, 60)], DONE),
    # (c) and everything after the quiz was watched after it was passed
    (AT_40, [Watch(0, 40), Answer(), Watch(40, 60)], DONE),
    (AT_40, [Watch(0, 60), Answer()], OPEN),
    (AT_40, [Watch(0, 60), Answer(), Watch(40, 60)], DONE),
    (AT_40, [Watch(0, 60), Answer(), Watch(45, 60)], OPEN),
    (AT_40, [Watch(0, 40), Answer(), Watch(40, 50)], OPEN),
    (AT_40, [Watch(0, 40), Answer(), Watch(50, 60), Watch(40, 50)], DONE),
    (AT_40, [Answer(), Watch(0, 60)], DONE),
    (AT_40, [Watch(40, 60), Answer(), Watch(0, 40)], OPEN),
    (AT_START, [Watch(0, 60), Answer()], OPEN),
    (AT_START, [Answer(), Watch(0, 60)], DONE),
    # passed at the second try: only what was watched after that try counts
    (AT_40, [Watch(0, 40), Answer(right=0), Watch(40, 60), Answer()], OPEN),
    (AT_40, [Watch(0, 40), Answer(right=0), Answer(), Watch(40, 60)], DONE),
    # failing it later takes nothing back
    (AT_40, [Watch(0, 40), Answer(), Answer(right=0), Watch(40, 60)], DONE),
    # passing it again does not make the tail old
    (AT_40, [Watch(0, 40), Answer(), Watch(40, 50), Answer(), Watch(50, 60)], DONE),
    # several quizzes: each of them
    (TWO, [Watch(0, 20), Answer(quiz="q1"), Watch(20, 40), Answer(quiz="q2"), Watch(40, 60)], DONE),
    (TWO, [Watch(0, 20), Answer(quiz="q1"), Watch(20, 60)], OPEN),
    (TWO, [Answer(quiz="q1"), Answer(quiz="q2"), Watch(0, 60)], DONE),
    (TWO, [Watch(0, 40), Answer(quiz="q1"), Answer(quiz="q2"), Watch(40, 60)], OPEN),
    (TWO, [Watch(0, 40), Answer(quiz="q2"), Watch(40, 60), Answer(quiz="q1"), Watch(20, 60)], DONE),
])
def test_rule_08_watched_passed_and_watched_on(
    resource: Resource, steps: list[Step], done: bool
) -> None:
    assert is_done(resource, steps) == done


@pytest.mark.parametrize(("steps", "done"), [
    # At two players "after" goes by receive time: a second later is after,
    ([Watch(0, 40), Answer(), Watch(40, 60, on="tablet")], DONE),
    ([Watch(0, 40), Watch(40, 60, on="tablet"), Answer()], OPEN),
    # at the same moment is not.
    ([Watch(0, 40, on="tablet"), Watch(40, 60, on="tablet", offline=True), Answer(on="pc"),
      Online("tablet")], OPEN),
    # What was watched offline before the quiz, but arrives after it, counts as after it.
    ([Watch(0, 40), Watch(40, 60, on="tablet", offline=True), Answer(), Wait(1),
      Online("tablet")], DONE),
    # Inside one play session it goes by number, though all is received at once.
    ([Watch(0, 60), Answer(), Watch(40, 60, offline=True), Online("pc")], DONE),
])
def test_rule_08_after_is_by_receive_time_and_inside_a_session_by_number(
    steps: list[Step], done: bool
) -> None:
    assert is_done(AT_40, steps) == done


@pytest.mark.parametrize(("resource", "steps", "done"), [
    # several sessions and devices, in any order, overlapping or not
    (NO_QUIZ, [Watch(30, 60), Watch(0, 30, on="tablet")], DONE),
    (NO_QUIZ, [Watch(0, 40), Watch(20, 60, on="phone")], DONE),
    # watching the same twice is not watching all of it
    (NO_QUIZ, [Watch(0, 30), Watch(0, 30)], OPEN),
    # seeking covers nothing
    (NO_QUIZ, [Watch(0, 10), Watch(50, 60)], OPEN),
    # two seconds of gaps in total are forgiven
    (NO_QUIZ, [Watch(0, 30), Watch(32, 60)], DONE),
    (NO_QUIZ, [Watch(1, 30), Watch(31, 60)], DONE),
    (NO_QUIZ, [Watch(0, 30), Watch(32.001, 60)], OPEN),
    (NO_QUIZ, [Watch(1, 30), Watch(31.001, 60)], OPEN),
    # behind a quiz only half a second
    (AT_40, [Watch(0, 40), Answer(), Watch(40.5, 60)], DONE),
    (AT_40, [Watch(0, 40), Answer(), Watch(40, 59.5)], DONE),
    (AT_40, [Watch(0, 40), Answer(), Watch(40.501, 60)], OPEN),
    (AT_40, [Watch(0, 39), Answer(), Watch(40.25, 59.75)], DONE),
    # players round: a little beyond the end is cut off
    (NO_QUIZ, [Watch(0, 61.9)], DONE),
])
def test_rule_09_watched_means_covered(
    resource: Resource, steps: list[Step], done: bool
) -> None:
    assert is_done(resource, steps) == done


@pytest.mark.parametrize(("answers", "passed", "completed"), [
    ({"1": "A", "2": "B", "3": "C", "4": "D", "5": ["A", "B"]}, DONE, DONE),
    ({"1": "A", "2": "B", "3": "C", "4": "E", "5": ["E"]}, DONE, DONE),     # 3 of 5 are 0.6
    ({"1": "A", "2": "B", "3": "E", "4": "E", "5": ["E"]}, OPEN, DONE),     # 2 of 5
    ({"1": "A", "2": "B", "5": ["B", "A"]}, DONE, OPEN),                    # 3 right, not whole
    ({"1": "A", "2": "B", "3": "E", "4": "E", "5": ["A"]}, OPEN, DONE),     # half of a choice
    ({"1": "A", "2": "B", "3": "E", "4": "E", "5": ["A", "B", "C"]}, OPEN, DONE),
    ({"1": ["A"], "2": ["B"], "3": ["C"]}, DONE, OPEN),                     # one choice as a list
    ({"1": "a", "2": "b", "3": "c", "4": "d", "5": ["a", "b"]}, OPEN, DONE),
    ({}, OPEN, OPEN),
    ({"score": "100", "passed": "true"}, OPEN, OPEN),                       # claims are nothing
])
def test_rule_10_answers_are_marked_by_the_programmes_key(
    answers: dict[str, str | list[str]], passed: bool, completed: bool
) -> None:
    steps: list[Step] = [Watch(0, 60), Answer(answers=answers)]
    assert is_done(AT_END, steps) == passed
    assert is_done(AT_END, steps, quiz_rule="completed") == completed


@pytest.mark.parametrize(("right", "mark", "passes"), [
    (3, 0.6, DONE), (2, 0.6, OPEN), (4, 0.8, DONE), (3, 0.8, OPEN), (5, 1.0, DONE), (4, 1.0, OPEN),
])
def test_rule_10_the_pass_mark_is_a_setting(right: int, mark: float, passes: bool) -> None:
    assert is_done(AT_END, [Watch(0, 60), Answer(right)], pass_mark=mark) == passes


@pytest.mark.parametrize(("steps", "learned", "watch_time"), [
    ([Watch(0, 60)], 0, 60),
    ([Watch(0, 60), Answer(right=0)], 0, 60),
    ([Watch(0, 59, rate=2.0)], 0, 29.5),
    ([Watch(0, 60), Answer()], 60, 60),
])
def test_rule_11_until_then_it_is_worth_nothing_but_the_time_is_kept(
    steps: list[Step], learned: int, watch_time: float
) -> None:
    story = tell(steps, of_video(AT_END))
    assert (story.standing().learned, story.standing().credited) == (learned, 0)
    assert story.watch_time() == watch_time


@pytest.mark.parametrize(("steps", "earlier", "summer", "watch_time"), [
    # the whole film three times counts once
    ([Watch(0, 60), Watch(0, 60), Watch(0, 60, on="tv")], 60, 60, 180),
    # before both windows, it is watch time only
    ([At("2023-05-20 08:00"), Watch(0, 60)], 0, 0, 60),
    # a half before and a half inside is a half
    ([At("2023-07-13 20:00"), Watch(0, 30), At("2023-07-14 08:00"), Watch(30, 60, on="tv")],
     60, 0, 60),
    # last year's viewing does not complete this year's programme
    ([At("2022-07-20 08:00"), Watch(0, 60)], 0, 0, 60),
])
def test_rule_12_once_done_it_counts_once_in_each_window(
    steps: list[Step], earlier: int, summer: int, watch_time: float
) -> None:
    both = (programme(course(NO_QUIZ), id="earlier", window=EARLIER_WINDOW),
            programme(course(NO_QUIZ)))
    story = tell(steps, *both)
    assert (story.standing("earlier").learned, story.standing().learned) == (earlier, summer)
    assert story.watch_time() == watch_time


def learned_in(courses: Mapping[str, tuple[int, int]]) -> tuple[Programme, Account]:
    """A programme whose courses require and saw learned so many seconds; enrolled."""
    account = Account()
    enrol(account, "summer", moment("2023-07-14 00:00"))
    made: list[Course] = []
    for id_, (required, learned) in courses.items():
        made.append(course(video(id=f"{id_}-1", seconds=learned), id=id_, required=required))
        if learned:
            mark_done(account, "summer", f"{id_}-1", moment("2023-07-20 08:00"))
    return programme(*made), account


def figures(now: Standing) -> tuple[int, int, int]:
    return now.learned, now.credited, now.recognised


@pytest.mark.parametrize(("courses", "learned", "credited", "recognised"), [
    # course: (required, learned)
    ({"ideals": (5400, 0), "cases": (2700, 0)}, 0, 0, 0),
    ({"ideals": (5400, 3000), "cases": (2700, 0)}, 3000, 3000, 0),
    # learned goes on past the cap, credited does not
    ({"ideals": (5400, 9000), "cases": (2700, 0)}, 9000, 5400, 0),
    # 师德引领 only ever learns
    ({"ideals": (5400, 0), "ethics": (0, 3000)}, 3000, 0, 0),
    # recognised is nothing before the programme is completed, and all that is credited then
    ({"ideals": (5400, 5400), "cases": (2700, 2699)}, 8099, 8099, 0),
    ({"ideals": (5400, 9000), "cases": (2700, 2700), "ethics": (0, 60)}, 11760, 8100, 8100),
])
def test_rule_13_learned_credited_recognised(
    courses: Mapping[str, tuple[int, int]], learned: int, credited: int, recognised: int
) -> None:
    rules, account = learned_in(courses)
    assert figures(standing(rules, account)) == (learned, credited, recognised)


WHOLE: list[Step] = [Watch(0, 40), Answer(), Watch(40, 60)]


@pytest.mark.parametrize("steps", [
    WHOLE,
    [Watch(0, 40), Again(), Answer(), Again(), Watch(40, 60), Again(3)],        # retries
    [*WHOLE, *WHOLE],                                                           # all over again
    [Watch(0, 40, on="a"), Answer(on="b"), Watch(40, 60, on="c")],              # three devices
    [Open("tv"), Watch(0, 40, offline=True), Answer(on="tv"), Wait(1),
     Watch(40, 60, on="tv"), Online("pc")],                                     # the first last
])
def test_rule_14_the_same_outcome_whatever_the_duplicates_and_the_order(
    steps: list[Step]
) -> None:
    story = tell(steps, of_video(AT_40))
    assert figures(story.standing()) == (60, 0, 0)
    assert [m.status for m in story.news] == ["started", "done"]
