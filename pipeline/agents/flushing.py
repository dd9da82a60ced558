"""Make a shard durable, in the one order in which a crash at any point loses nothing.

1. rejections: known by the place of their input record, so sending one twice is harmless;
2. the outbox: what step 4 is going to send;
3. the touched buckets, which remember the offsets of their input;
4. the outcomes themselves;
5. the input records are acknowledged, in offset order.

Killed before 3, the input comes again and is decided again. Killed after 3, the input is
skipped by its buckets and the outbox says what may be unsent. Outcomes may be sent twice but
never differently, and carry an identity by which readers know a repeat.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol

from pipeline.agents.shard import Outcome, S, Shard, encode_outbox, outbox_key


class Send(Protocol):
    """Hands a record to the producer; the returned awaitable ends when Kafka has it."""

    async def __call__(
        self, topic: str, partition: int, key: bytes, value: bytes
    ) -> Awaitable[object]: ...


class Outgoing(NamedTuple):
    """A record that depends on no state: a rejection."""

    topic: str
    partition: int
    key: bytes
    value: bytes


@dataclass(slots=True)
class Flusher(Generic[S]):
    """Collects what one partition's records brought about, and flushes it.

    `acknowledge` is called with each input event once it is safe; `hot_buckets` bounds how
    many buckets stay decoded.
    """

    shard: Shard[S]
    changelog: str
    send: Send
    acknowledge: Callable[[Any], object]
    hot_buckets: int
    rejections: list[Outgoing] = field(default_factory=list)
    handled: list[Any] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.shard.outcomes = self.shard.unsent()

    @property
    def idle(self) -> bool:
        """Whether a flush would have nothing to do."""
        return not (self.handled or self.shard.dirty or self.shard.outcomes or self.rejections)

    async def flush(self) -> None:
        """Make durable all that was handled up to now; what comes meanwhile waits its turn.

        Raises:
            KafkaError, ProducerSendError: a record could not be written. The state in memory
                is then ahead of Kafka, and only ending the process is safe.
        """
        async with self._lock:
            await self._flush()

    async def _flush(self) -> None:
        rejections, self.rejections = self.rejections, []
        outcomes, self.shard.outcomes = self.shard.outcomes, []
        handled, self.handled = self.handled, []
        records = self.shard.encode_dirty()
        await self._send_all(rejections)
        if outcomes:
            await self._write({outbox_key(self.shard.partition): encode_outbox(outcomes)})
        await self._write(records)
        await self._send_all([self._outgoing(outcome) for outcome in outcomes])
        for event in handled:
            self.acknowledge(event)
        self.shard.drop_cold(self.hot_buckets)

    def _outgoing(self, outcome: Outcome) -> Outgoing:
        return Outgoing(outcome.topic, self.shard.partition, outcome.key.encode(), outcome.value)

    async def _write(self, records: dict[bytes, bytes]) -> None:
        partition = self.shard.partition
        await self._send_all(
            [Outgoing(self.changelog, partition, key, value) for key, value in records.items()]
        )
        self.shard.table.update(records)

    async def _send_all(self, records: Sequence[Outgoing]) -> None:
        await asyncio.gather(*[await self.send(*record) for record in records])
