"""A run of refused events above a set share rings, once, and is said to be over."""

from dataclasses import dataclass

import pytest

from audit.rejections.putting_back import OF_THE_RULES
from pipeline.alarm import Alarms, Kind
from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings

MINUTE = 60_000
START = 1_690_000_000_000


@dataclass(frozen=True, slots=True)
class Bad:
    """A refusal, as far as an alarm looks at it."""

    reason: Reason
    count: int


def alarms(share: float = 0.05, least: int = 50) -> Alarms:
    return Alarms.of(Settings(rejection_alarm_share=share, rejection_alarm_events=least),
                     "watching")


def listen(made: Alarms, seconds: range, taken: int, *bad: Bad) -> list[str]:
    """What is said while in each second these come."""
    said = []
    for second in seconds:
        now = START + second * 1000
        made.note(bad, taken, now)
        said += made.news(now)
    return said


def test_a_share_above_the_limit_rings_and_says_the_figures() -> None:
    made = alarms()
    made.note([Bad(Reason.MALFORMED, 400)], 3_810, START)
    [line] = made.news(START)
    assert line == (
        "ALARM rejections: watching: input is broken: 9.5 % of 4,210 events in the last 60 s "
        "refused (malformed 400); look at `xueshi rejections count`")


@pytest.mark.parametrize(("refused", "taken", "rings"), [
    (50, 950, False),   # exactly the share
    (51, 949, True),
    (49, 0, False),     # too few to ring, though it is all there is
    (50, 0, True),
])
def test_the_limits_are_the_settings(refused: int, taken: int, rings: bool) -> None:
    made = alarms()
    made.note([Bad(Reason.UNKNOWN_RESOURCE, refused)], taken, START)
    assert bool(made.news(START)) == rings


def test_it_is_said_once_a_minute_while_it_lasts_and_once_when_it_is_over() -> None:
    made = alarms()
    lasting = listen(made, range(180), 10, Bad(Reason.MALFORMED, 20))
    assert [line.split(":")[0] for line in lasting] == ["ALARM rejections"] * 3
    [again, over] = listen(made, range(180, 600), 100)
    assert again.startswith("ALARM rejections: ")
    assert over.startswith("ALARM OVER rejections: watching: input is broken: 2.")
    assert over.endswith("; it lasted 3 min 51 s")


def test_a_share_about_the_limit_does_not_flap() -> None:
    made, said = alarms(), []
    for minute in range(20):
        bad = Bad(Reason.MALFORMED, 6 if minute % 2 else 4)  # 5.7 and 3.8 %
        said += listen(made, range(minute * 60, minute * 60 + 60), 100, bad)
    assert not [line for line in said if "OVER" in line]


def test_it_is_over_also_where_nothing_comes_any_more() -> None:
    made = alarms()
    made.note([Bad(Reason.MALFORMED, 100)], 0, START)
    assert len(made.news(START)) == 1
    [line] = made.news(START + MINUTE)
    assert "0.0 % of 0 events" in line


def test_broken_input_and_disbelieved_claims_ring_apart() -> None:
    made = alarms()
    cheats = listen(made, range(30), 10, Bad(Reason.NO_TIME_LEFT, 9), Bad(Reason.TOO_OLD, 1))
    assert len(cheats) == 1
    assert "claims are not believed: 50.0 % of 100 events" in cheats[0]
    assert "(no_time_left 45, too_old 5)" in cheats[0]
    broken = listen(made, range(30, 45), 0, Bad(Reason.BAD_STRETCH, 100))
    assert len(broken) == 1
    assert "input is broken" in broken[0]
    assert "bad_stretch" in broken[0]


def test_every_reason_rings_one_alarm() -> None:
    assert set(Reason) == Kind.BROKEN.reasons | Kind.DISBELIEVED.reasons
    assert not Kind.BROKEN.reasons & Kind.DISBELIEVED.reasons
    assert Kind.DISBELIEVED.reasons == OF_THE_RULES, "nothing is broken where the rules said no"


def test_what_is_older_than_the_window_does_not_count() -> None:
    made = alarms()
    assert listen(made, range(1), 0, Bad(Reason.MALFORMED, 49)) == []
    assert listen(made, range(61, 62), 0, Bad(Reason.MALFORMED, 49)) == []
    assert made.window.events == 49


def test_a_clock_that_is_set_back_harms_nothing() -> None:
    made = alarms()
    listen(made, range(100, 110), 10)
    listen(made, range(10), 10, Bad(Reason.MALFORMED, 1))
    assert made.window.events == 210
    listen(made, range(171, 172), 1)
    assert made.window.events == 1
