"""A plan is decided by its seed alone, and by nothing else."""

from itertools import pairwise

import pytest

from chaos.plan import FIRST, LAST, Moment, plan

COSTS = {f"fault-{number}": 1.0 + number for number in range(12)}


def test_the_same_seed_makes_the_same_plan_in_whatever_order_faults_are_listed() -> None:
    backwards = dict(reversed(COSTS.items()))
    assert plan(7, COSTS) == plan(7, backwards)
    assert plan(7, COSTS) != plan(8, COSTS)


def test_without_a_limit_each_fault_happens_once() -> None:
    moments = plan(3, COSTS)
    assert sorted(moment.fault for moment in moments) == sorted(COSTS)
    assert len({moment.seed for moment in moments}) == len(COSTS), "each has details of its own"


@pytest.mark.parametrize("seed", range(20))
def test_moments_rise_and_leave_load_before_and_after(seed: int) -> None:
    shares = [moment.at for moment in plan(seed, COSTS)]
    assert shares[0] == FIRST
    assert all(earlier < later for earlier, later in pairwise(shares))
    assert shares[-1] < LAST


@pytest.mark.parametrize("seconds", [5.0, 20.0, 60.0])
def test_what_is_chosen_fits_in_the_time(seconds: float) -> None:
    for seed in range(20):
        chosen = [COSTS[moment.fault] for moment in plan(seed, COSTS, seconds)]
        assert len(chosen) == 1 or sum(chosen) <= seconds


def test_too_little_time_still_leaves_one_fault() -> None:
    assert len(plan(1, COSTS, 0.1)) == 1


def test_seeds_together_reach_every_fault_even_in_short_runs() -> None:
    reached = {moment.fault for seed in range(60) for moment in plan(seed, COSTS, 15.0)}
    assert reached == set(COSTS)


def test_a_dear_fault_gets_more_of_the_load_than_a_cheap_one() -> None:
    rooms = [_rooms(plan(seed, {"cheap": 1.0, "dear": 9.0, "end": 1.0})) for seed in range(20)]
    both = [room for room in rooms if {"cheap", "dear"} <= room.keys()]
    assert both
    assert all(room["dear"] > 5 * room["cheap"] for room in both)


def _rooms(moments: list[Moment]) -> dict[str, float]:
    """Fault → share of the load until the next one begins; the last one has no next."""
    return {here.fault: later.at - here.at for here, later in pairwise(moments)}
