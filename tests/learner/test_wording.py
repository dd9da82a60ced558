"""How lengths, places and hours are written."""

import pytest

from learner.wording import hours, hours_left, length, moment, place, stretches


@pytest.mark.parametrize(("ms", "text"), [
    (0, "0 秒"), (1, "1 秒"), (59_001, "1 分钟"), (80_000, "1 分 20 秒"), (3_600_000, "1 小时"),
    (3_661_000, "1 小时 1 分 1 秒"),
])
def test_a_length_is_rounded_up(ms: int, text: str) -> None:
    assert length(ms) == text


@pytest.mark.parametrize(("ms", "text"), [
    (0, "00:00"), (130_999, "02:10"), (3_599_999, "59:59"), (3_730_000, "1:02:10"),
])
def test_a_place_is_rounded_down(ms: int, text: str) -> None:
    assert place(ms) == text


def test_rule_6_hours_are_rounded_down_and_what_is_left_up() -> None:
    assert (hours(26_999, 2700), hours_left(1, 2700)) == ("9.99", "0.01")
    assert (hours(27_000, 2700), hours_left(2700, 2700)) == ("10.00", "1.00")


def test_stretches_are_rounded_outwards() -> None:
    assert stretches([130_900, 160_001]) == "02:10–02:41"


def test_a_moment_is_told_by_chinas_clock() -> None:
    assert moment(1_689_264_000_000) == "2023年7月14日 00:00"
