"""Posts of one session: a steady rate, and a burst on top of it."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.collector.pace import Pace, turn


def test_a_burst_passes_and_the_next_post_waits_for_its_turn() -> None:
    pace = Pace(2, burst=3)
    assert [pace.wait_ms("s", 1_000_000) for _ in range(4)] == [0, 0, 0, 500]


def test_a_refused_post_does_not_push_the_next_turn_away() -> None:
    pace = Pace(2, burst=1)
    assert pace.wait_ms("s", 1000) == 0
    assert [pace.wait_ms("s", at) for at in (1100, 1200, 1499)] == [400, 300, 1]
    assert pace.wait_ms("s", 1500) == 0


def test_sessions_do_not_slow_each_other_down() -> None:
    pace = Pace(1, burst=1)
    assert pace.wait_ms("a", 1000) == 0
    assert pace.wait_ms("b", 1000) == 0
    assert pace.wait_ms("a", 1000) > 0


def test_after_a_rest_the_burst_is_whole_again_but_not_larger() -> None:
    pace = Pace(1, burst=2)
    assert [pace.wait_ms("s", 0) == 0 for _ in range(3)] == [True, True, False]
    assert [pace.wait_ms("s", 3_600_000) == 0 for _ in range(3)] == [True, True, False]


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    pace = Pace(1, burst=2)
    assert pace.wait_ms("s", 10_000_000) == 0
    assert pace.wait_ms("s", 5_000_000) == 0


def test_nobody_is_forgotten_before_being_at_rest_however_many_come() -> None:
    pace = Pace(1, burst=3, few=10)
    assert [pace.wait_ms("s", 0) for _ in range(3)] == [0, 0, 0]
    for number in range(10_000):
        pace.wait_ms(f"other {number}", number // 4)  # 2.5 s
    assert pace.wait_ms("s", 500) == 500


def test_memory_holds_those_of_two_rests_and_never_more_than_twice_the_most() -> None:
    pace, now = Pace(1, burst=2, few=10), 0
    for number in range(5_000):
        now += 10
        pace.wait_ms(f"s{number}", now)
    assert len(pace._page) + len(pace._page_before) <= 2 * 200 + 10  # 2 s of 100 a second
    crowded = Pace(0.001, burst=2, few=10, most=100)
    for number in range(5_000):
        crowded.wait_ms(f"s{number}", now)
        assert len(crowded._page) + len(crowded._page_before) <= 200


def test_what_costs_more_takes_longer_and_what_costs_too_much_needs_rest() -> None:
    pace = Pace(10, burst=100)
    assert [pace.wait_ms("t", 0, cost) for cost in (60, 60, 40, 1)] == [0, 2000, 0, 100]
    assert pace.wait_ms("t", 0, 5000) == 10_000
    assert pace.wait_ms("t", 10_000, 5000) == 0


@given(
    gaps=st.lists(st.integers(0, 3000), max_size=200),
    interval_ms=st.integers(1, 2000),
    burst=st.integers(1, 20),
)
def test_never_more_than_the_burst_and_the_rate_allow(
    gaps: list[int], interval_ms: int, burst: int
) -> None:
    due, now, passed = 0.0, 1_000_000, list[int]()
    for gap in gaps:
        now += gap
        due, wait_ms = turn(due, now, interval_ms, burst)
        if wait_ms == 0:
            passed.append(now)
        assert 0 <= wait_ms <= interval_ms
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + (passed[last] - start) // interval_ms
