"""All partitions of one agent on this worker: the bridge from Faust's stream to the shards."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, Protocol

from faust.types import EventT, StreamT, TableT

from pipeline.agents.flushing import Flusher, Send
from pipeline.agents.rejecting import Place, Refused, rejection
from pipeline.agents.shard import Codec, S, Shard, Source
from pipeline.settings import Settings


class Take(Protocol[S]):
    """Decides on one record: changes the shard, returns what it refused."""

    def __call__(self, shard: Shard[S], source: Source, raw: bytes | None) -> list[Refused]: ...


@dataclass(slots=True)
class Partitions(Generic[S]):
    """One agent's shards by partition; `now` gives the time of a refusal in epoch ms, and
    `die` ends the process.

    Records are handled one at a time without waiting, so a flush that runs between two of
    them always sees whole records.
    """

    take: Take[S]
    codec: Codec[S]
    table: TableT[bytes, bytes]
    send: Send
    settings: Settings
    now: Callable[[], int]
    die: Callable[[BaseException], NoReturn]
    flushers: dict[int, Flusher[S]] = field(default_factory=dict)
    handled: int = 0

    async def agent(self, stream: StreamT[bytes]) -> None:
        """The Faust agent. Records are acknowledged by the flush, never by the stream."""
        unacknowledged: Any = stream
        try:
            await self._take_all(unacknowledged.noack().events())
        except Exception as error:
            self.die(error)

    async def _take_all(self, events: AsyncIterable[EventT[bytes]]) -> None:
        async for event in events:
            self.handle(event)
            if self.handled >= self.settings.flush_records:
                await self.flush()

    def handle(self, event: EventT[bytes]) -> None:
        """Decide on one record; nothing of it is durable before the next flush."""
        message = event.message
        flusher = self.flusher(message.partition)
        source = Source(self._short(message.topic), message.offset)
        place = Place(source.topic, message.partition, message.offset)
        for refused in self.take(flusher.shard, source, message.value):
            record = rejection(self.settings.topic("rejections"), place, self.now(), refused)
            flusher.rejections.append(record)
        flusher.handled.append(event)
        self.handled += 1

    def _short(self, topic: str) -> str:
        """The topic's name in the catalogue: state must not depend on the prefix."""
        return topic.removeprefix(self.settings.topic_prefix)

    def flusher(self, partition: int) -> Flusher[S]:
        """The partition's shard with its flusher, taken up when first asked for."""
        if partition not in self.flushers:
            self.flushers[partition] = self._take_up(partition)
        return self.flushers[partition]

    def _take_up(self, partition: int) -> Flusher[S]:
        shard = Shard(partition, self.settings.partitions, self.settings.buckets, self.codec,
                      self.table.data)
        return Flusher(shard, self.table.changelog_topic.get_topic_name(), self.send,
                       lambda event: event.ack(), self.settings.hot_buckets)

    async def flush(self) -> None:
        """Make everything handled so far durable, on all partitions at once."""
        self.handled = 0
        busy = [flusher for flusher in self.flushers.values() if not flusher.idle]
        await asyncio.gather(*[flusher.flush() for flusher in busy])

    def take_up(self, partitions: Iterable[int]) -> None:
        """Take up partitions that have no traffic yet: their outbox may wait to be sent."""
        for partition in partitions:
            self.flusher(partition)

    async def drop(self) -> None:
        """Forget all shards: others may own them now, and the table has what is durable."""
        await self.flush()
        self.flushers.clear()
