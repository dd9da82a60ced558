"""A worker's metrics, read out of its agents."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.agents.flushing import Flusher
from pipeline.agents.partitions import Partitions
from pipeline.alarm import Kind
from pipeline.metrics.catalogue import worker
from pipeline.metrics.metric import Sample
from pipeline.rules.watching import Verdict

Agents = Mapping[str, Partitions[Any]]


@dataclass(slots=True)
class Group:
    """What Kafka's group does with this worker. Instants of time.monotonic."""

    rebalances: int = 0
    commits: int = 0
    committed_at: float = field(default_factory=time.monotonic)

    def committed(self) -> None:
        self.commits += 1
        self.committed_at = time.monotonic()

    def read(self) -> Iterable[Sample]:
        return [Sample(worker.REBALANCES, self.rebalances), Sample(worker.COMMITS, self.commits),
                Sample(worker.COMMIT_AGE, time.monotonic() - self.committed_at)]


def verdicts(counts: Mapping[str, int]) -> Callable[[], Iterable[Sample]]:
    """What the rules said of the events that reached them."""
    return lambda: [Sample(worker.VERDICTS, counts.get(verdict, 0), (verdict,))
                    for verdict in Verdict]


def agents(of: Agents) -> Callable[[], Iterator[Sample]]:
    """Both agents, by name."""

    def read() -> Iterator[Sample]:
        now = time.monotonic()
        for name, agent in of.items():
            yield from _counted(name, agent)
            yield from _held(name, list(agent.flushers.values()), now)
            yield from _recovery(name, agent)

    return read


def _counted(name: str, agent: Partitions[Any]) -> Iterator[Sample]:
    tally = agent.tally
    yield Sample(worker.RECORDS, tally.records, (name,))
    yield Sample(worker.EVENTS, tally.events, (name,))
    for kind in Kind:
        for reason in sorted(kind.reasons):
            labels = (name, kind.name.lower(), reason)
            yield Sample(worker.REFUSED, tally.refused[reason], labels)
    yield Sample(worker.OUTCOMES, tally.outcomes, (name,))
    yield Sample(worker.FLUSH_SECONDS, tally.flushes, (name,))
    yield Sample(worker.CHANGELOG_BYTES, tally.changelog_bytes, (name,))
    yield Sample(worker.CHANGELOG_RECORDS, tally.changelog_records, (name,))
    yield Sample(worker.CHANGELOG_ERRORS, tally.changelog_errors, (name,))


def _held(name: str, flushers: list[Flusher[Any]], now: float) -> Iterator[Sample]:
    """What is in memory, and for how long already."""
    shards = [flusher.shard for flusher in flushers]
    yield Sample(worker.PARTITIONS, len(shards), (name,))
    yield Sample(worker.DIRTY, sum(len(shard.dirty) for shard in shards), (name,))
    yield Sample(worker.HOT, sum(len(shard.resident) for shard in shards), (name,))
    yield Sample(worker.STORED, sum(len(shard.table) for shard in shards), (name,))
    yield Sample(worker.UNACKNOWLEDGED, sum(flusher.unflushed for flusher in flushers),
                 (name,))
    oldest = [flusher.oldest for flusher in flushers if flusher.oldest is not None]
    begun = [flusher.begun for flusher in flushers if flusher.begun is not None]
    yield Sample(worker.UNFLUSHED_SECONDS, now - min(oldest, default=now), (name,))
    yield Sample(worker.FLUSHING_SECONDS, now - min(begun, default=now), (name,))


def _recovery(name: str, agent: Partitions[Any]) -> Iterable[Sample]:
    recovery = agent.tally.recovery
    left = recovery.left.copy()
    return [Sample(worker.RECOVERING, len(left), (name,)),
            Sample(worker.RECOVERY_LEFT, sum(left.values()), (name,)),
            Sample(worker.RECOVERY_SECONDS, recovery.seconds, (name,))]


def unready(of: Agents) -> list[str]:
    """Why this worker decides nothing now."""
    return [f"{name}: no partitions, or they are being moved" for name, agent in of.items()
            if not (agent.settled.is_set() and agent.flushers)]
