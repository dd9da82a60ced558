"""Burrow's rules, as a table of windows and as laws over generated ones."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lag.states import Observation, State, state, worst

PATIENCE_MS = 3_000


def window(*seen: tuple[int, int], alive: bool = True, step_ms: int = 1_000) -> list[Observation]:
    """An observation a second, as (committed, end)."""
    return [Observation(number * step_ms, committed, end, alive)
            for number, (committed, end) in enumerate(seen)]


CASES = {
    "nothing behind": (window((5, 5), (5, 5), (5, 5), (5, 5), (5, 5)), State.OK),
    "never anything on the topic": (window((0, 0), (0, 0), (0, 0), (0, 0), (0, 0)), State.OK),
    "behind now, and was not once": (window((5, 9), (9, 9), (9, 20), (9, 20), (9, 20)), State.OK),
    "catches up": (window((0, 50), (10, 50), (20, 50), (30, 50), (40, 50)), State.OK),
    "catches up, though more comes": (
        window((0, 50), (20, 60), (40, 70), (60, 80), (79, 90)), State.OK),
    "got less once in the window": (
        window((0, 50), (20, 60), (25, 80), (30, 90), (31, 99)), State.OK),
    "works, and falls behind": (window((0, 50), (1, 60), (2, 70), (3, 80), (4, 90)), State.WARN),
    "works as fast as it comes": (window((0, 9), (1, 10), (2, 11), (3, 12), (4, 13)), State.WARN),
    "owned, does not move": (window((5, 9), (5, 9), (5, 9), (5, 9), (5, 9)), State.STALL),
    "owned, does not move, more comes": (
        window((5, 9), (5, 10), (5, 11), (5, 12), (5, 13)), State.STALL),
    "nobody there": (window((5, 9), (5, 9), (5, 9), (5, 9), (5, 9), alive=False), State.STOP),
    "nobody there, but nothing to do": (
        window((9, 9), (9, 9), (9, 9), (9, 9), (9, 9), alive=False), State.OK),
    "went back": (window((8, 9), (8, 9), (2, 9), (3, 9), (4, 9)), State.REWIND),
    "went back, and has caught up": (window((8, 9), (2, 9), (5, 9), (9, 9), (9, 9)), State.OK),
    "went back, though once nothing was behind": (
        window((9, 9), (9, 9), (2, 9), (3, 9), (4, 9)), State.REWIND),
    "stands beyond the end": (window((9, 9), (9, 3)), State.REWIND),
    "too short to tell that it stands": (window((5, 9), (5, 9), (5, 9)), State.OK),
    "too short to tell that it is slow": (window((5, 9), (6, 12), (7, 15)), State.OK),
    "one look": (window((5, 9), alive=False), State.OK),
}


@pytest.mark.parametrize("name", CASES)
def test_the_table(name: str) -> None:
    seen, wanted = CASES[name]
    assert state(seen, PATIENCE_MS) is wanted


offsets = st.integers(0, 20)


@st.composite
def windows(draw: st.DrawFn) -> list[Observation]:
    """Any, in the order of time; ends never go back, as without deletion they do not."""
    pairs = draw(st.lists(st.tuples(offsets, offsets, st.integers(1, 4_000)), min_size=1,
                          max_size=12))
    seen, at, end = [], 0, 0
    for committed, more, later in pairs:
        at, end = at + later, end + more
        seen.append(Observation(at, min(committed, end), end, draw(st.booleans())))
    return seen


@given(windows())
def test_nothing_behind_now_is_always_ok(seen: list[Observation]) -> None:
    last = seen[-1]
    done = Observation(last.at + 1, last.end, last.end, last.alive)
    assert state([*seen, done], PATIENCE_MS) is State.OK


@given(windows())
def test_an_owner_makes_no_other_difference_than_stall_for_stop(seen: list[Observation]) -> None:
    owned = [Observation(one.at, one.committed, one.end, True) for one in seen]
    alone = [Observation(one.at, one.committed, one.end, False) for one in seen]
    found = state(alone, PATIENCE_MS)
    assert state(owned, PATIENCE_MS) is (State.STALL if found is State.STOP else found)
    assert found is not State.STALL


@given(windows(), st.integers(0, 10**12), st.integers(0, 1000))
def test_when_and_where_on_the_topic_do_not_matter(
    seen: list[Observation], later: int, further: int
) -> None:
    moved = [Observation(one.at + later, one.committed + further, one.end + further, one.alive)
             for one in seen]
    assert state(moved, PATIENCE_MS) is state(seen, PATIENCE_MS)


@given(windows())
def test_a_state_says_what_its_name_does(seen: list[Observation]) -> None:
    found = state(seen, PATIENCE_MS)
    moved = seen[0].committed != seen[-1].committed
    went_back = any(b.committed < a.committed for a, b in pairwise(seen))
    assert (found is State.REWIND) == (went_back and seen[-1].lag > 0)
    if found in {State.STALL, State.STOP}:
        assert not moved
        assert all(one.lag > 0 for one in seen)
    if found is State.WARN:
        assert moved
        assert seen[-1].lag >= seen[0].lag > 0
    if found in {State.WARN, State.STALL, State.STOP}:
        assert seen[-1].at - seen[0].at >= PATIENCE_MS


@given(st.lists(st.sampled_from(State)))
def test_the_worst_is_one_of_them_and_no_better_than_any(states: list[State]) -> None:
    order = list(State)
    assert worst(states) in (states or [State.OK])
    assert all(order.index(worst(states)) >= order.index(one) for one in states)
