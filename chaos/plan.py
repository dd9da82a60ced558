"""What is to go wrong when: a pure function of the seed.

Moments are shares of the load (0 to 1), not of time: however slow a machine is, the same faults
hit the same stretch of the same summer.
"""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

FIRST, LAST = 0.05, 0.90
"""Shares of the load between which faults are begun: something is to be lost at each."""


class Moment(NamedTuple):
    """Begin `fault` when this share of the load has been sent; `seed` decides its details."""

    at: float
    fault: str
    seed: str


def plan(seed: int, costs: Mapping[str, float], seconds: float | None = None) -> list[Moment]:
    """Faults in an order of their own for each seed, spread over the load by what they cost.

    costs    fault → seconds that it usually takes, with what it needs beforehand
    seconds  how long all together may take; None: each fault once
    """
    rng = random.Random(f"plan:{seed}")
    chosen = _within(_shuffled(rng, costs), costs, seconds)
    spent, whole = 0.0, sum(costs[fault] for fault in chosen)
    moments = []
    for number, fault in enumerate(chosen):
        at = FIRST + (LAST - FIRST) * spent / whole
        moments.append(Moment(round(at, 4), fault, f"{seed}:{number}:{fault}"))
        spent += costs[fault]
    return moments


def _shuffled(rng: random.Random, costs: Mapping[str, float]) -> list[str]:
    """In any order of the mapping the same seed gives the same one."""
    faults = sorted(costs)
    rng.shuffle(faults)
    return faults


def _within(faults: Sequence[str], costs: Mapping[str, float], seconds: float | None) -> list[str]:
    """Those that fit, at least one; what does not fit is passed over for what does."""
    if seconds is None:
        return list(faults)
    chosen: list[str] = []
    for fault in faults:
        if not chosen or sum(costs[one] for one in chosen) + costs[fault] <= seconds:
            chosen.append(fault)
    return chosen
