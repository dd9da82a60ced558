"""The logs, copied, and how far they are copied, which a killed copy may be a few records behind:
then these come twice, and readers know a repeat. Transactions would be exact, but leave markers at
the ends of topics, and lag would not be a difference of offsets any more (ADR 13).
"""

from asyncio import gather
from collections.abc import Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from pipeline.broker import wire
from pipeline.broker.layout import MAX_RECORD_BYTES
from pipeline.broker.topics import end_offsets
from pipeline.repartition.splitting import Split
from pipeline.schemas.topics import TELEMETRY, TOPICS, Topic
from pipeline.settings import Settings

GROUP = "repartition"
RECORDS = 500           # at once
PATIENCE_MS = 60_000
COPIED = tuple(topic for topic in TOPICS if topic.cleanup == "delete")
Pieces = list[tuple[int, bytes | None]]


@dataclass(frozen=True, slots=True)
class Move:
    """From topics of prefix `old` to those of the settings, at the Kafka `address`."""

    address: str
    old: str
    settings: Settings
    before: int

    @property
    def split(self) -> Split:
        return Split(self.before, self.settings.partitions)

    @property
    def group(self) -> str:
        return self.settings.topic(GROUP)

    def ends(self, topics: Iterable[Topic] = COPIED) -> dict[tuple[str, int], int]:
        """How far the old topics go, by short name and partition. Raises BrokerError."""
        return {(topic.name, number): end for topic in topics
                for number, end in end_offsets(self.address, self.old + topic.name).items()}


async def copy(move: Move, told: Callable[[str, int], None]) -> int:
    """Copy what was not copied yet, to the ends as of now; how many records that were.

    It may be ended at any moment and begun again; one at a time, or the order is mixed.
    `told(topic, records)` hears of each part.

    Raises:
        BrokerError, KafkaError: Kafka does not answer, or refuses.
    """
    ends, copied = move.ends(), 0
    for topic in COPIED:
        for partition in sorted(number for name, number in ends if name == topic.name):
            async for count in _copied(move, topic, partition, ends[topic.name, partition]):
                copied += count
                told(topic.name, count)
    return copied


async def _copied(move: Move, topic: Topic, partition: int, end: int) -> Any:
    place = TopicPartition(move.old + topic.name, partition)
    async with _writing(move) as producer, _reading(move) as consumer:
        consumer.assign([place])
        consumer.seek(place, await consumer.committed(place) or 0)
        while await consumer.position(place) < end:
            found = await consumer.getmany(place, timeout_ms=500, max_records=RECORDS)
            records = [one for one in found.get(place, ()) if one.offset < end]
            reached = min(end, await consumer.position(place))
            await gather(*[future for one in records
                           for future in await _sent(producer, move, topic, one)])
            await consumer.commit({place: reached})
            yield len(records)


async def _sent(producer: Any, move: Move, topic: Topic, record: Any) -> list[Any]:
    """Futures, one a piece. A tombstone stays one."""
    full = move.settings.topic(topic.name)
    return [await producer.send(full, value, key=record.key, partition=partition,
                                headers=list(record.headers))
            for partition, value in _pieces(move, topic, record)]


def _pieces(move: Move, topic: Topic, record: Any) -> Pieces:
    if topic.partitions is not None:
        return [(record.partition, record.value)]
    split = move.split.batch if topic is TELEMETRY else move.split.one
    return split(record.value, record.partition)


@asynccontextmanager
async def _writing(move: Move) -> Any:
    producer = AIOKafkaProducer(  # idempotent: within one run the order stays, and nothing repeats
        **wire.client(move.address), enable_idempotence=True, request_timeout_ms=PATIENCE_MS,
        compression_type="lz4", max_request_size=MAX_RECORD_BYTES)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _reading(move: Move) -> Any:
    consumer = AIOKafkaConsumer(
        **wire.client(move.address), group_id=move.group, enable_auto_commit=False,
        isolation_level="read_committed", auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * MAX_RECORD_BYTES)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def outcomes(noted: Iterable[list[str]], move: Move) -> Iterator[tuple[str, str, str]]:
    """What an agent was going to send, addressed to the new topics."""
    for topic, key, value in noted:
        yield move.settings.topic(topic.removeprefix(move.old)), key, value
