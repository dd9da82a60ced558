"""All partitions of one agent on this worker: the bridge from its input topics to the shards.

Records come by the batch (inputs.py); how far each partition is decided is in its changelog. So a
record that comes again is skipped, and one that did not come is read from the topic (missed.py).
So is, when a partition is taken over, what of the input was decided but is not in its buckets.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, NoReturn, Protocol

from faust.types import TP

from pipeline.agents.flushing import Flusher, Log, Send, Turn
from pipeline.agents.inputs import Input, Inputs
from pipeline.agents.membership import Flushed
from pipeline.agents.rejecting import Place, Refused, rejected
from pipeline.agents.shard import Codec, Positions, S, Shard
from pipeline.agents.tally import Tally
from pipeline.alarm import Alarms
from pipeline.logs.line import fields
from pipeline.settings import Settings

log = logging.getLogger("xueshi.worker")

LEAVING_S = 2.0   # for what has not had its turn: the group waits meanwhile


class Take(Protocol[S]):
    """Decides on one record: changes the shard, returns what it refused."""

    def __call__(self, shard: Shard[S], topic: str, raw: bytes | None) -> list[Refused]: ...


class TakeOver(Protocol):
    """Makes this worker the owner of a partition; its changelog and what stands in it."""

    def __call__(self, partition: int) -> Awaitable[tuple[Log, dict[bytes, bytes]]]: ...


class Missed(Protocol):
    """The records of a topic (full name) in [start, end), as (offset, value)."""

    def __call__(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[tuple[int, bytes | None]]: ...


def decide_again(
    shard: Shard[S], take: Take[S], topic: str, offset: int, raw: bytes | None
) -> None:
    """Bring the states up to a record of which all outcomes are given out already."""
    outcomes, shard.outcomes = shard.outcomes, []
    shard.positions[topic] = offset
    take(shard, topic, raw)
    shard.positions[topic] = offset + 1
    shard.outcomes, shard.taken = outcomes, 0


@dataclass(slots=True)
class Partitions(Generic[S]):
    """One agent's shards by partition; `now` gives the time of a refusal in epoch ms, and
    `die` ends the process. `topics` are what it reads (names in the catalogue), `flushed` is where
    it notes what may be committed. Each changed bucket is written within about `turn_seconds`.

    A record is decided on without waiting, so a flush that runs between two of them always
    sees whole records. `settled` is clear while partitions are being moved.
    """

    take: Take[S]
    codec: Codec[S]
    topics: Sequence[str]
    inputs: Inputs
    flushed: Flushed
    take_over: TakeOver
    missed: Missed
    send: Send
    settings: Settings
    alarms: Alarms
    now: Callable[[], int]
    die: Callable[[BaseException], NoReturn]
    turn_seconds: float = 0.0
    flushers: dict[int, Flusher[S]] = field(default_factory=dict)
    handled: int = 0
    tally: Tally = field(default_factory=Tally)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    _refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    _moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self) -> None:
        """Decide on whatever comes in, for ever."""
        while True:
            for record in await self.inputs.some():
                await self.settled.wait()
                flusher = self.flushers.get(record.partition)
                if flusher is not None:  # else it came before the partition went elsewhere
                    await self.handle(flusher, record)

    async def handle(self, flusher: Flusher[S], record: Input) -> None:
        """Decide on one record; nothing of it is durable before the next flush."""
        positions, topic = flusher.shard.positions, self._short(record.topic)
        if positions.setdefault(topic, 0) < record.offset:
            await self._fill_gap(flusher, record.topic, record.offset)
        if positions[topic] == record.offset:
            self._decide(flusher, topic, record.offset, record.value)
            flusher.decided()
        await self._flush_if_due()

    async def _fill_gap(self, flusher: Flusher[S], topic: str, end: int) -> None:
        short, partition = self._short(topic), flusher.shard.partition
        start, found = flusher.shard.positions[short], 0
        async for offset, value in self.missed(topic, partition, start, end):
            self._decide(flusher, short, offset, value)
            found += 1
            await self._flush_if_due()
        flusher.shard.positions[short] = end
        # Offsets without a record are a transaction's markers, or records that have expired.
        log.warning("%s/%d: offsets %d to %d were not delivered; %d records read from the topic",
                    topic, partition, start, end - 1, found,
                    extra=fields(topic=topic, partition=partition, offset=start))

    def _decide(self, flusher: Flusher[S], topic: str, offset: int, raw: bytes | None) -> None:
        shard, now = flusher.shard, self.now()
        refused = self.take(shard, topic, raw)
        place = Place(topic, shard.partition, offset)
        for one in refused:
            flusher.rejections += rejected(self.settings.topic("rejections"), place, now, one)
        shard.positions[topic] = offset + 1
        self.alarms.note(refused, shard.taken, now)
        self._count(shard, refused)
        for one in refused:
            if one.teacher_id is None:  # something of the record itself cannot be read
                log.info("refused: %s", f"{one.reason} {one.count}",
                         extra=fields(topic=self.settings.topic(topic), partition=shard.partition,
                                      offset=offset))
        shard.taken = 0
        self.handled += 1

    def _count(self, shard: Shard[S], refused: list[Refused]) -> None:
        self.tally.records += 1
        self.tally.events += shard.taken
        for one in refused:
            self.tally.refused[one.reason] += one.count
            if one.teacher_id is not None:
                self._refused[shard.partition, one.reason] += one.count

    def _short(self, topic: str) -> str:
        """The topic's name in the catalogue: state must not depend on the prefix."""
        return topic.removeprefix(self.settings.topic_prefix)

    async def _flush_if_due(self) -> None:
        if self.handled >= self.settings.flush_records:
            await self.flush()

    async def flush(self) -> None:
        """Make everything handled so far durable, on all partitions at once."""
        self.handled = 0
        for line in self.alarms.news(self.now()):
            log.warning(line)
        self._tell_refused()
        busy = [flusher for flusher in self.flushers.values() if not flusher.idle]
        await asyncio.gather(*[flusher.flush() for flusher in busy])

    def _tell_refused(self) -> None:
        """How many claims since the last flush; whose they are is in `rejections` alone."""
        for (partition, reason), count in self._refused.items():
            log.info("refused: %s", f"{reason} {count}", extra=fields(partition=partition))
        self._refused.clear()

    async def release(self) -> None:
        """Flush for the last time before others may own the partitions, and stop deciding."""
        await self.flush()
        self.settled.clear()
        await self.write_rest()

    async def write_rest(self) -> None:
        """Write what has not had its turn, as far as that can be waited for."""
        until = time.monotonic() + LEAVING_S
        await asyncio.gather(*[one.write_rest(until) for one in self.flushers.values()])

    async def own(self, partitions: set[int]) -> None:
        """Own exactly these: let go of others, take over and read back those that are new.

        What stays is kept as it is: had somebody else owned it meanwhile, the next flush
        would be refused.
        """
        async with self._moving:
            for lost in self.flushers.keys() - partitions:
                await self._let_go(lost)
            new = partitions - self.flushers.keys()
            await asyncio.gather(*[self._take_up(partition) for partition in new])
            await self.inputs.follow(self._positions())
            self.settled.set()

    def _positions(self) -> dict[tuple[str, int], int]:
        """From where on each partition of each topic is to be read."""
        return {(self.settings.topic(topic), partition): flusher.shard.positions.get(topic, 0)
                for partition, flusher in self.flushers.items() for topic in self.topics}

    def _note(self, partition: int, positions: Positions) -> None:
        """All input below these is flushed."""
        for topic, offset in positions.items():
            self.flushed[TP(self.settings.topic(topic), partition)] = offset

    async def _let_go(self, partition: int) -> None:
        await self.flushers.pop(partition).close()
        for topic in self.topics:
            self.flushed.pop(TP(self.settings.topic(topic), partition), None)

    async def _take_up(self, partition: int) -> None:
        begun, settings = time.monotonic(), self.settings
        changelog, table = await self.take_over(partition)
        shard = Shard(partition, settings.partitions, settings.buckets, self.codec, table)
        await self._catch_up(shard)
        self.tally.recovery.seconds.add(time.monotonic() - begun)
        self._note(partition, shard.positions)
        self.flushers[partition] = Flusher(shard, changelog, self.send,
                                           partial(self._note, partition),
                                           settings.hot_buckets, Turn(self.turn_seconds),
                                           tally=self.tally)

    async def _catch_up(self, shard: Shard[S]) -> None:
        """Decide again what was decided, and not in all buckets when the last owner ended."""
        for topic, end in shard.decided.items():
            start, full = shard.positions.get(topic, 0), self.settings.topic(topic)
            if start < end:
                async for offset, value in self.missed(full, shard.partition, start, end):
                    decide_again(shard, self.take, topic, offset, value)
                shard.positions[topic] = end
        shard.caught_up()

