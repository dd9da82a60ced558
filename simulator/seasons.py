"""When things are done: slots of time, each wholly inside or wholly outside of every window.

Whether a step counts in a programme is told by comparing two moments with the window (rules
1, 12). Steps are only ever put where that is beyond doubt.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.behaviours import LONGEST_STEP, Behaviour
from simulator.catalogue import Catalogue, Programme, Resource
from simulator.human import HOUR

SLOT = LONGEST_STEP + 2 * HOUR
DAY = 24 * HOUR


class UnclearError(Exception):
    """A step begins or ends too near to the edge of a window: a mistake of the plan."""


class Step(NamedTuple):
    """From `at` on a teacher goes about the resource in a certain way."""

    at: int
    resource: Resource
    behaviour: Behaviour

    @property
    def end(self) -> int:
        """It is over by then, whatever the behaviour."""
        return self.at + LONGEST_STEP


def counts_in(programme: Programme, step: Step) -> bool:
    """Whether all of the step is inside the programme's window; else nothing of it is.

    Raises:
        UnclearError: neither of the two.
    """
    if step.end <= programme.opens_at or programme.closes_at <= step.at:
        return False
    if programme.opens_at <= step.at and step.end <= programme.closes_at:
        return True
    in_time = step.end <= programme.closes_at + programme.late_ms
    if programme.opens_at <= step.at and in_time and step.behaviour.one_session:
        return True
    raise UnclearError(f"{step.behaviour.name} of {step.resource.id} at {step.at}")


def during(catalogue: Catalogue) -> list[int]:
    """Slots inside the main programme's window."""
    return list(_slots(catalogue, catalogue.main.opens_at, catalogue.main.closes_at))


def before(catalogue: Catalogue) -> list[int]:
    """Slots before the main programme opens, while the earlier one, if any, is open."""
    opens_at = catalogue.main.opens_at
    earlier = catalogue.earlier
    start = earlier.opens_at if earlier else opens_at - 20 * DAY
    return list(_slots(catalogue, start, opens_at))


def after(catalogue: Catalogue) -> list[int]:
    """Slots in the days after all windows and their late arrivals."""
    end = max(p.closes_at + p.late_ms for p in catalogue.programmes.values())
    return list(_slots(catalogue, end + DAY, end + 6 * DAY))


def _slots(catalogue: Catalogue, start: int, end: int) -> Iterator[int]:
    """Every SLOT from `start` on that no window opens or closes in."""
    edges = [edge for p in catalogue.programmes.values() for edge in (p.opens_at, p.closes_at)]
    for slot in range(start, end - SLOT, SLOT):
        if not any(slot < edge < slot + SLOT for edge in edges):
            yield slot
