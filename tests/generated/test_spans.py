"""Spans and the wall clock against sets of numbers (rules 9, 16)."""

from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from pipeline.rules import intervals, wall_clock
from pipeline.rules.intervals import Spans
from tests.generated.profile import examples

END = 40
stretch = st.tuples(st.integers(0, END), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1]))
stretches = st.lists(stretch, max_size=12)


def united(some: list[tuple[int, int]]) -> tuple[Spans, set[int]]:
    """The same stretches as spans and as a set."""
    spans: Spans = []
    points: set[int] = set()
    for start, end in some:
        intervals.add(spans, start, end)
        points |= set(range(start, end))
    return spans, points


def points_of(spans: Spans) -> set[int]:
    return {p for s, e in zip(spans[::2], spans[1::2], strict=True) for p in range(s, e)}


def assert_tidy(spans: Spans) -> None:
    """Sorted, nothing empty, and what touches is one."""
    assert all(low < high for low, high in pairwise(spans))


@examples()
@given(stretches)
def test_rule_9_a_union_of_stretches_is_a_union_of_sets(some: list[tuple[int, int]]) -> None:
    spans, points = united(some)
    assert_tidy(spans)
    assert points_of(spans) == points
    assert intervals.total(spans) == len(points)
    assert all(intervals.contains(spans, p) == (p in points) for p in range(END + 14))


@examples()
@given(stretches, st.integers(0, END), st.integers(0, END))
def test_rule_9_what_is_missing_is_the_difference(
    some: list[tuple[int, int]], start: int, end: int
) -> None:
    spans, points = united(some)
    gaps = intervals.missing(spans, start, end)
    assert_tidy(gaps)
    assert points_of(gaps) == set(range(start, end)) - points


@examples()
@given(stretches, st.integers(0, END + 14))
def test_forgetting_drops_only_what_is_over(some: list[tuple[int, int]], moment: int) -> None:
    spans, points = united(some)
    intervals.forget_before(spans, moment)
    assert_tidy(spans)
    assert points_of(spans) <= points
    assert points_of(spans) >= {p for p in points if p >= moment}
    assert all(end > moment for end in spans[1::2])


@examples(600)
@given(stretches, st.integers(0, END), st.integers(0, END), st.integers(1, 20))
def test_rule_16_spending_takes_the_earliest_free_time_or_none(
    some: list[tuple[int, int]], earliest: int, latest: int, wall: int
) -> None:
    spent, points = united(some)
    free = [p for p in range(earliest, latest) if p not in points]
    moment = wall_clock.room(spent, earliest, latest, wall)
    fits = moment is not None
    event("fits" if fits else "does not fit")
    assert fits == (len(free) >= wall)
    if moment is not None:
        intervals.add(spent, earliest, moment)
    assert_tidy(spent)
    assert points_of(spent) == points | set(free[:wall] if fits else [])


@examples()
@given(st.integers(1, 10**7), st.integers(1, 10_000), st.integers(100, 1_000))
def test_rule_17_the_price_is_exact_and_rounded_up(media: int, rate: int, max_rate: int) -> None:
    wall = wall_clock.cost(media, rate, max_rate)
    paid = min(rate, max_rate)
    assert (wall - 1) * paid < media * 100 <= wall * paid
