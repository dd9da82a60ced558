"""How far the input is flushed and committed, over the whole run.

Flushed: the positions in the changelogs. Committed: the group's own log on the broker. Both carry
the broker's time, so that each commit is held against what was flushed at that moment.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from chaos.changelog import Entry
from chaos.invariants.broken import Broken

Place = tuple[str, int]
"""(short topic, partition)"""


class Commit(NamedTuple):
    """The workers' group has committed `offset` at `at` (epoch ms, the broker's)."""

    topic: str
    partition: int
    offset: int
    at: int


@dataclass(slots=True)
class Flushed:
    """The positions of one input partition in the order of their flushes, as (at, position).

    `whole`: no flush before the first of them has been compacted away.
    """

    whole: bool
    flushes: list[tuple[int, int]] = field(default_factory=list)

    def at(self, moment: int) -> int | None:
        """What was flushed by then; None where compaction took the answer."""
        found = bisect_right(self.flushes, moment, key=itemgetter(0))
        if found:
            return self.flushes[found - 1][1]
        return 0 if self.whole else None


def flushed(entries: Iterable[Entry]) -> dict[Place, Flushed]:
    """From one changelog. What compaction leaves of a key is always its newest values, so all
    flushes since the first that is left are there; it is the first of all at the log's very start.
    """
    found: dict[Place, Flushed] = {}
    whole: dict[int, bool] = {}
    for entry in entries:
        whole.setdefault(entry.partition, entry.offset == 0)
        if entry.bucket is None:
            for topic, position in entry.body["positions"].items():
                one = found.setdefault((topic, entry.partition), Flushed(whole[entry.partition]))
                one.flushes.append((entry.at, position))
    return found


def backward(places: dict[Place, Flushed]) -> Iterator[Broken]:
    """Positions never go back."""
    for (topic, partition), one in sorted(places.items()):
        highest = 0
        for at, position in one.flushes:
            if position < highest:
                yield Broken("positions never go back", f"{topic}/{partition}",
                             f"position {position} was flushed at {at} after {highest}")
            highest = max(highest, position)


def ahead(commits: Iterable[Commit], places: dict[Place, Flushed]) -> Iterator[Broken]:
    """Nothing is committed before it is flushed, at any time."""
    for commit in commits:
        place = (commit.topic, commit.partition)
        safe = places.get(place, Flushed(whole=True)).at(commit.at)
        if safe is not None and commit.offset > safe:
            yield Broken("committed is flushed", f"{commit.topic}/{commit.partition}",
                         f"{commit.offset} was committed at {commit.at}, when the changelog was"
                         f" at {safe}")
