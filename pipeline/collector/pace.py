"""How fast one play session may post: a steady rate, and a burst on top of it."""

from collections import OrderedDict
from typing import NamedTuple

REMEMBERED = 100_000


class Turn(NamedTuple):
    """The session's next theoretical arrival time, and how long to wait; 0 if it may post."""

    due: float
    wait_ms: float


def turn(due: float, now: int, interval_ms: float, burst: int) -> Turn:
    """Whether a post may be made at `now`; all in milliseconds (GCRA).

    `due` is when the session would be back at rest; each post moves it on by `interval_ms`,
    and it may run ahead of `now` by `burst` of them.
    """
    if due > now + burst * interval_ms:  # only a clock that was set back can bring that about
        due = now
    wait_ms = due - now - (burst - 1) * interval_ms
    return Turn(due, wait_ms) if wait_ms > 0 else Turn(max(due, now) + interval_ms, 0)


class Pace:
    """The turns of the sessions heard last. A forgotten one starts with a full burst."""

    def __init__(self, posts_per_second: float, burst: int, remembered: int = REMEMBERED) -> None:
        self._interval_ms = 1000 / posts_per_second
        self._burst = burst
        self._remembered = remembered
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait_ms(self, session_id: str, now: int) -> float:
        """0 if the session may post at `now` (epoch ms), which counts; else how long to wait."""
        due, wait_ms = turn(
            self._due.get(session_id, 0.0), now, self._interval_ms, self._burst
        )
        self._due[session_id] = due
        self._due.move_to_end(session_id)
        if len(self._due) > self._remembered:
            self._due.popitem(last=False)
        return wait_ms
