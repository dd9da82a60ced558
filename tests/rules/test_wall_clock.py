"""Rule 16's spending where the generated cases (tests/generated/test_spans.py) say too little."""

import pytest

from pipeline.rules.intervals import Spans, add
from pipeline.rules.wall_clock import cost, room


def spend(spent: Spans, earliest: int, latest: int, wall_ms: int) -> bool:
    """Whether there was room, which then is spent."""
    moment = room(spent, earliest, latest, wall_ms)
    if moment is not None:
        add(spent, earliest, moment)
    return moment is not None


@pytest.mark.parametrize(("media", "rate", "max_rate", "wall"), [
    (15_000, 100, 200, 15_000),
    (15_000, 200, 200, 7_500),
    (15_000, 1600, 200, 7_500),        # faster than max_rate pays max_rate's price
    (15_000, 50, 200, 30_000),
    (15_001, 200, 200, 7_501),         # a part of a millisecond is paid whole
    (10, 300, 1000, 4),
])
def test_rule_17_price(media: int, rate: int, max_rate: int, wall: int) -> None:
    assert cost(media, rate, max_rate) == wall


def test_rule_16_around_what_is_spent() -> None:
    spent = [10, 20, 30, 40]
    assert spend(spent, 5, 50, 20)
    assert spent == [5, 45]
    assert not spend(spent, 5, 50, 6)
    assert spend(spent, 5, 50, 5)
    assert spent == [5, 50]


def test_rule_16_known_limit_of_taking_the_earliest_time() -> None:
    """Two players open at once, of which the one used later arrives far too early: its claim
    takes the other's time, and honest work is refused. In the order of receive times, or off
    by no more than the slack, that cannot happen (tests/generated/test_order.py).
    """
    used_at_50 = (0, 60, 10)           # open from 0, received at 60, took 10
    used_at_0 = (0, 10, 10)

    def accepted(*claims: tuple[int, int, int]) -> list[bool]:
        spent: Spans = []
        return [spend(spent, earliest, latest, wall) for earliest, latest, wall in claims]

    assert accepted(used_at_0, used_at_50) == [True, True]
    assert accepted(used_at_50, used_at_0) == [True, False]
