"""Rule 16 explained: which plays had spent a teacher's time when there was none left.

Follows the real rule from outside: what it spends is read off the teacher's spent time before
and after. Nothing here decides.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from audit.explain.parts import play_of
from audit.explain.stretches import pairs
from pipeline.rules import wall_clock
from pipeline.rules.intervals import Spans, missing
from pipeline.rules.programme import Clock
from pipeline.rules.watching import Heartbeat


class Cause(StrEnum):
    """Why there was no time for a stretch."""

    OTHER_PLAYS = "other_plays"            # it would have fitted, had nothing else been played
    OFFLINE_TOO_LONG = "offline_too_long"  # more is reported at once than the grace may hold
    FASTER_THAN_TIME = "faster_than_time"  # more is claimed than has gone by since the opening


class Play(NamedTuple):
    """A play session of a resource."""

    resource_id: str
    session_id: str


class Spending(NamedTuple):
    """[start, end) of the teacher's time, epoch ms, went to this play."""

    start: int
    end: int
    play: Play


class Shortage(NamedTuple):
    """A stretch takes `needed` ms of [earliest, latest), of which `free` ms were left.

    `taken` says who had the rest, in order of time.
    """

    cause: Cause
    earliest: int
    latest: int
    needed: int
    free: int
    taken: tuple[Spending, ...]


@dataclass(slots=True)
class Timeline:
    """Who spent what, so far; pieces do not overlap, as no moment is spent twice."""

    spendings: list[Spending] = field(default_factory=list)

    def note(self, before: Spans, after: Spans, beat: Heartbeat, clock: Clock) -> None:
        """The beat was accepted: spent time has grown from `before` to `after`."""
        play = Play(beat.resource_id, play_of(beat.session_id))
        for start, end in _grown(before, after, window(beat, clock)[0]):
            self._insert(Spending(start, end, play))

    def _insert(self, new: Spending) -> None:
        """One piece more, or a longer one where the same play had the moment before."""
        place = bisect_left(self.spendings, new)
        left = self.spendings[place - 1] if place else None
        if left is not None and left.end == new.start and left.play == new.play:
            self.spendings[place - 1] = left._replace(end=new.end)
        else:
            insort(self.spendings, new)

    def shortage(self, beat: Heartbeat, end: int, clock: Clock) -> Shortage:
        """Why the beat, cut off at media position `end`, did not fit."""
        earliest, latest = window(beat, clock)
        needed = wall_clock.cost(end - beat.start, beat.rate, clock.max_rate)
        taken = tuple(self._between(earliest, latest))
        room = max(0, latest - earliest)
        used = sum(one.end - one.start for one in taken)
        play = play_of(beat.session_id)
        own = sum(one.end - one.start for one in taken if one.play.session_id == play)
        cause = _cause(beat, clock, fits_alone=needed + own <= room)
        return Shortage(cause, earliest, latest, needed, room - used, taken)

    def _between(self, earliest: int, latest: int) -> Iterator[Spending]:
        place = max(0, bisect_left(self.spendings, earliest, key=lambda one: one.start) - 1)
        for one in self.spendings[place:]:
            if one.start >= latest:
                return
            if one.end > earliest:
                yield one._replace(start=max(one.start, earliest), end=min(one.end, latest))


def window(beat: Heartbeat, clock: Clock) -> tuple[int, int]:
    """[earliest, latest): where the beat's time may lie (rule 16)."""
    earliest = max(beat.opened_at, beat.received_at - clock.offline_grace_ms)
    return earliest, beat.received_at + clock.slack_ms


def _cause(beat: Heartbeat, clock: Clock, *, fits_alone: bool) -> Cause:
    if fits_alone:
        return Cause.OTHER_PLAYS
    if beat.opened_at < beat.received_at - clock.offline_grace_ms:
        return Cause.OFFLINE_TOO_LONG
    return Cause.FASTER_THAN_TIME


def _grown(before: Spans, after: Spans, earliest: int) -> Iterator[tuple[int, int]]:
    """What `after` has and `before` has not; nothing before `earliest` can be new."""
    first = bisect_left(after, earliest) // 2 * 2
    for start, end in pairs(after[first:]):
        yield from pairs(missing(before, start, end))
