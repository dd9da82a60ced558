"""How a consumer of one partition is doing, by the rules of LinkedIn's Burrow. Pure.

Burrow sees every commit; here the group is asked from outside, at regular moments. So its sign of
life is not a commit but an owner: a member that Kafka's group knows, or a fresh note of a consumer
that keeps its offsets elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class State(StrEnum):
    """From good to bad."""

    OK = "OK"          # nothing is behind, or it was so at some time in the window, or it gets less
    WARN = "WARN"      # it works, but what is behind has not become less once in the window
    STALL = "STALL"    # somebody owns the partition, and does not get on
    STOP = "STOP"      # nobody owns the partition
    REWIND = "REWIND"  # it went back, or stands beyond the end: the topic was cut or made anew


BADNESS = {state: number for number, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Observation:
    """One partition of one group at `at` (epoch ms): the offsets that the group reads next and
    that the next record will get, and whether anybody owns the partition.
    """

    at: int
    committed: int
    end: int
    alive: bool

    @property
    def lag(self) -> int:
        return self.end - self.committed


def state(window: Sequence[Observation], patience_ms: int) -> State:
    """The state at the end of the window, which is in the order of time and not empty.

    `patience_ms`: as long as that a good consumer may say nothing, so less of a window proves
    neither STOP nor STALL nor WARN.
    """
    if window[-1].lag < 0 or _went_back(window):
        return State.REWIND
    if any(seen.lag == 0 for seen in window):
        return State.OK
    if window[-1].at - window[0].at < patience_ms:
        return State.OK
    if window[0].committed == window[-1].committed:
        return State.STALL if window[-1].alive else State.STOP
    return State.WARN if _never_less(window) else State.OK


def _went_back(window: Sequence[Observation]) -> bool:
    """While something is behind: Burrow's first rule forgives all once nothing is."""
    return window[-1].lag != 0 and any(
        after.committed < before.committed for before, after in pairwise(window))


def _never_less(window: Sequence[Observation]) -> bool:
    return all(after.lag >= before.lag for before, after in pairwise(window))


def worst(states: Sequence[State]) -> State:
    """The worst of them; OK if there is none."""
    return max(states, key=BADNESS.__getitem__, default=State.OK)
