"""What a bureau may choose: each ⚙ setting at its default, and set otherwise.

Outcomes stand in this order: by default, then with the setting of the row.
"""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.rules.programme import Clock, Programme
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.spec.story import (
    CLOCK,
    HOUR,
    SUMMER_WINDOW,
    Answer,
    At,
    Claim,
    Online,
    Open,
    Step,
    Story,
    Wait,
    Watch,
    of_video,
    quiz,
    tell,
    video,
)

PLAIN = video()
AT_40 = video(quiz(40))
TWO = video(quiz(20, "q1"), quiz(40, "q2"))
FILM = video(seconds=4 * HOUR)

# Opened on the last day; received two hours after the close.
LATE: list[Step] = [At("2023-08-31 23:50:00"), Open("pc"), At("2023-09-01 01:40:00"), Claim(0, 60)]


@pytest.fixture(scope="module")
def summer() -> Programme:
    return load_catalogue(Settings().programmes_dir).programmes["2023-summer"]


@pytest.mark.parametrize(("late_arrival_h", "counts"), [(24, True), (2, True), (1, False)])
def test_rule_01_late_arrival_is_a_setting(late_arrival_h: int, counts: bool) -> None:
    window = replace(SUMMER_WINDOW, late_arrival_ms=late_arrival_h * HOUR * 1000)
    assert tell(LATE, of_video(PLAIN, window=window)).done() == ({"video"} if counts else set())


def test_rule_05_the_shipped_programme_shares_these_four_courses(summer: Programme) -> None:
    shared = {c.name: c.shared_with for c in summer.courses if c.shared_with}
    assert shared == dict.fromkeys(("思想铸魂", "固本强基", "以案促学", "师德引领"), "2023-ethics")


def test_rule_04_the_shipped_texts_credit_nothing(summer: Programme) -> None:
    texts = [r for c in summer.courses for r in c.resources if r.kind == "text"]
    assert texts
    assert {text.credit_seconds for text in texts} == {0}


@pytest.mark.parametrize(("resource", "steps", "setting", "by_default", "otherwise"), [
    # ⚙ gap_tolerance: what is forgiven of the whole video
    (PLAIN, [Watch(0, 58)], {"gap_tolerance_ms": 0}, True, False),
    (PLAIN, [Watch(0, 55)], {"gap_tolerance_ms": 5000}, False, True),
    # ⚙ tail_tolerance: what is forgiven behind a quiz; each quiz has its own tail
    (AT_40, [Watch(0, 40), Answer(), Watch(40.5, 60)], {"tail_tolerance_ms": 0}, True, False),
    (AT_40, [Watch(0, 40), Answer(), Watch(41, 60)], {"tail_tolerance_ms": 1000}, False, True),
    (TWO, [Answer(quiz="q1"), Answer(quiz="q2"), Watch(0, 39.6), Watch(40, 59.9)],
     {"tail_tolerance_ms": 450}, True, False),
    # the tolerance behind a quiz never widens that of the whole video
    (AT_40, [Watch(0, 37), Answer(), Watch(40, 60)], {"tail_tolerance_ms": 9000}, False, False),
])
def test_rule_09_the_tolerances_are_settings(
    resource: Any, steps: list[Step], setting: dict[str, int], by_default: bool, otherwise: bool
) -> None:
    assert bool(tell(steps, of_video(resource)).done()) == by_default
    assert bool(tell(steps, of_video(resource, **setting)).done()) == otherwise


@pytest.mark.parametrize(("steps", "passed", "completed"), [
    # "completed": handed in is enough, even all wrong, but only then does the tail begin
    ([Watch(0, 40), Answer(0), Watch(40, 60)], False, True),
    ([Watch(0, 60), Answer(0)], False, False),
    ([Watch(0, 60), Answer(0), Watch(40, 60)], False, True),
    # handed in wrong, then right: "completed" counts from the first
    ([Watch(0, 40), Answer(0), Watch(40, 60), Answer()], False, True),
    ([Watch(0, 60)], False, False),
])
def test_rule_10_handed_in_instead_of_passed(
    steps: list[Step], passed: bool, completed: bool
) -> None:
    assert bool(tell(steps, of_video(AT_40)).done()) == passed
    assert bool(tell(steps, of_video(AT_40, quiz_rule="completed")).done()) == completed


def verdict(steps: list[Step], **clock: int) -> Story:
    return tell(steps, of_video(FILM, clock=replace(CLOCK, **clock)))


GRACE_AND_SLACK = 2 * HOUR + 10


@pytest.mark.parametrize(("steps", "clock", "by_default", "otherwise"), [
    # ⚙ offline_grace: however long the player was open, no more than this and the slack
    ([Open("pc"), Wait(3 * HOUR), Claim(0, GRACE_AND_SLACK)],
     {"offline_grace_ms": HOUR * 1000}, "accepted", "no_time_left"),
    ([Open("pc"), Wait(3 * HOUR), Claim(0, GRACE_AND_SLACK + 0.001)],
     {"offline_grace_ms": 3 * HOUR * 1000}, "no_time_left", "accepted"),
    # what was watched offline, and reported after two hours and more of nothing
    ([Watch(0, HOUR, offline=True), Wait(HOUR + 11), Online("pc")],
     {"offline_grace_ms": 0}, "accepted", "no_time_left"),
    # ⚙ slack
    ([Claim(0, 10)], {"slack_ms": 0}, "accepted", "no_time_left"),
    ([Claim(0, 11)], {"slack_ms": 11_000}, "no_time_left", "accepted"),
])
def test_rule_16_grace_and_slack_are_settings(
    steps: list[Step], clock: dict[str, int], by_default: str, otherwise: str
) -> None:
    assert verdict(steps).verdicts == [by_default]
    assert verdict(steps, **clock).verdicts == [otherwise]


@pytest.mark.parametrize(("max_rate", "wall_spent"), [
    (100, 60), (200, 30), (300, 20), (400, 20),
])
def test_rule_17_a_minute_at_three_times_the_speed_is_priced_at_max_rate(
    max_rate: int, wall_spent: int
) -> None:
    told = verdict([Open("pc"), Wait(60), Claim(0, 60, rate=3.0)], max_rate=max_rate)
    assert (told.verdicts, told.watch_time()) == (["accepted"], wall_spent)


def test_the_shipped_defaults_are_those_the_rules_name(summer: Programme) -> None:
    assert summer.clock == Clock(200, 2 * HOUR * 1000, 10_000)
    assert summer.window.late_arrival_ms == 24 * HOUR * 1000
    assert (summer.seconds_per_hour, summer.gap_tolerance_ms, summer.tail_tolerance_ms) == (
        2700, 2000, 500)
    assert (summer.quiz_rule, summer.credit_before_enrolment) == ("passed", True)
    assert summer.enrolled_through == ("2023-ethics",)
