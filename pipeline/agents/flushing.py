"""Make a shard durable, in the one order in which a crash at any point loses nothing.

1. rejections: known by the place of their input record, so sending one twice is harmless;
2. in one transaction: the buckets whose turn it is, the positions up to which the input is decided
   and from which it must be read again, and the outbox, which is what step 3 is going to send;
3. the outcomes themselves;
4. the positions are noted, to be committed.

Killed before 2 is committed, the input comes again and is decided again. Killed after it, input
below the positions only brings the buckets up to date that had not had their turn, and the outbox
says what may be unsent. Outcomes may be sent twice but never differently, and carry an identity by
which readers know a repeat.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil
from typing import Generic, NamedTuple, Protocol

from pipeline.agents.shard import PROGRESS, Outcome, Positions, S, Shard
from pipeline.agents.tally import Tally


class Send(Protocol):
    """Hands records (key, value) to the producer; the returned awaitables end when Kafka has them.
    """

    async def __call__(
        self, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]
    ) -> list[Awaitable[object]]: ...


class Log(Protocol):
    """The writing end of a shard's changelog (changelog.py)."""

    async def write(self, records: Mapping[bytes, bytes]) -> None: ...

    async def close(self) -> None: ...


class Outgoing(NamedTuple):
    """A record that depends on no state: a rejection."""

    topic: str
    partition: int
    key: bytes
    value: bytes

    def place(self) -> tuple[str, int]:
        return self.topic, self.partition


BUCKETS_AT_ONCE = 2_000
"""How many that have had no turn a flush writes at most: some quarter of a second, in which nothing
else is done. If more are due, writing all takes longer than a turn, and so does a start after a
crash; were there no limit, each flush would take longer than the one before, until Kafka has had to
wait too long for a transaction's end.
"""


@dataclass(slots=True)
class Turn:
    """How many buckets a flush writes, so that each is written about `seconds` after it changed and
    no flush has much more to do than another; 0: every flush writes all.

    `rate`, in buckets a second, only falls when nothing is left to be written.
    """

    seconds: float = 0.0
    rate: float = 0.0

    def due(self, dirty: int, elapsed: float) -> int:
        """Of `dirty` buckets, so many, `elapsed` seconds after the last flush."""
        if not self.seconds:
            return dirty
        self.rate = max(self.rate, dirty / self.seconds) if dirty else 0.0
        return min(dirty, BUCKETS_AT_ONCE, ceil(self.rate * elapsed))


@dataclass(slots=True)
class Flusher(Generic[S]):
    """Collects what one partition's records brought about, and flushes it.

    `flushed` is called with the positions below which all input is safe; `hot_buckets` bounds how
    many buckets stay in memory. `unflushed` counts the records that are not safe, `oldest` says
    since when the first of them is decided, and `begun` since when a flush is under way, both of
    time.monotonic.
    """

    shard: Shard[S]
    changelog: Log
    send: Send
    flushed: Callable[[Positions], object]
    hot_buckets: int
    turn: Turn = field(default_factory=Turn)
    rejections: list[Outgoing] = field(default_factory=list)
    unflushed: int = 0
    closed: bool = False
    tally: Tally = field(default_factory=Tally)
    oldest: float | None = None
    begun: float | None = None
    _flushed: float = field(default_factory=time.monotonic)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def idle(self) -> bool:
        """Whether a flush would have nothing to do."""
        return not (self.unflushed or self.shard.dirty or self.shard.outcomes or self.rejections)

    def decided(self) -> None:
        """One more input record, for the next flush."""
        if self.oldest is None:
            self.oldest = time.monotonic()
        self.unflushed += 1

    async def flush(self) -> None:
        """Make durable all that was handled up to now; what comes meanwhile waits its turn.

        Raises:
            KafkaError, ChangelogError: something could not be written. The state in memory is
                then ahead of Kafka, and only ending the process is safe.
        """
        async with self._lock:
            if not self.closed:
                await self._timed()

    async def write_rest(self, until: float) -> None:
        """Flush until nothing is left, as far as there is time (of time.monotonic), so that the
        next owner need not read the input of it again. Raises as `flush`.
        """
        async with self._lock:
            while not self.idle and not self.closed and time.monotonic() < until:
                await self._flush(BUCKETS_AT_ONCE)

    async def close(self) -> None:
        """Let go of the partition. What is not flushed comes again, to whoever owns it then."""
        async with self._lock:
            self.closed = True
            await self.changelog.close()

    async def _timed(self) -> None:
        begun = self.begun = time.monotonic()
        await self._flush(self.turn.due(len(self.shard.dirty), begun - self._flushed))
        self._flushed = begun
        self.begun, self.oldest = None, begun if self.unflushed else None
        self.tally.flushes.add(time.monotonic() - begun)

    async def _flush(self, count: int) -> None:
        rejections, self.rejections = self.rejections, []
        outcomes, self.shard.outcomes = self.shard.outcomes, []
        positions, unflushed = self.shard.positions.copy(), self.unflushed
        buckets = self.shard.encode_some(count)
        progress = self.shard.encode_progress(outcomes)
        await self._send_all(rejections)
        await self._write({**buckets, PROGRESS: progress})
        self.shard.table.update(buckets)
        await self._send_all([self._outgoing(outcome) for outcome in outcomes])
        self.tally.outcomes += len(outcomes)
        self.flushed(positions)
        self.unflushed -= unflushed
        self.shard.drop_cold(self.hot_buckets)

    async def _write(self, records: Mapping[bytes, bytes]) -> None:
        try:
            await self.changelog.write(records)
        except Exception:
            self.tally.changelog_errors += 1
            raise
        self.tally.changelog_records += len(records)
        self.tally.changelog_bytes += sum(map(len, records.values()))

    def _outgoing(self, outcome: Outcome) -> Outgoing:
        return Outgoing(outcome.topic, self.shard.partition, outcome.key.encode(), outcome.value)

    async def _send_all(self, records: Sequence[Outgoing]) -> None:
        sent: list[Awaitable[object]] = []
        for (topic, partition), some in groupby(records, key=Outgoing.place):
            sent += await self.send(topic, partition, [(one.key, one.value) for one in some])
        await asyncio.gather(*sent)
