"""Fills topics fast: records packed into batches here, and handed to Kafka as they are."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.path.crowd import Placed
from pipeline.broker import wire

BATCH_BYTES = 512 * 1024
# A topic just made has no leader for a moment: aiokafka tries again, and would tell each time.
logging.getLogger("aiokafka.producer").setLevel(logging.ERROR)


def fill(kafka: str, topic: str, records: Iterable[Placed]) -> int:
    """Send all of them to the topic (full name), in order in each partition; how many.

    Raises:
        KafkaError: Kafka does not answer, or does not take them.
    """
    return asyncio.run(_fill(kafka, topic, records))


async def _fill(kafka: str, topic: str, records: Iterable[Placed]) -> int:
    producer = AIOKafkaProducer(**wire.client(kafka), acks="all", compression_type="lz4",
                                max_batch_size=BATCH_BYTES, max_request_size=4 * BATCH_BYTES)
    await producer.start()
    try:
        return await _Filling(producer, topic).all(records)
    finally:
        await producer.stop()


class _Filling:
    """One batch a partition is being packed, and one is under way at most."""

    def __init__(self, producer: Any, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._batches: dict[int, Any] = {}
        self._under_way: dict[int, Any] = {}

    async def all(self, records: Iterable[Placed]) -> int:
        count = 0
        for count, record in enumerate(records, 1):  # noqa: B007 - the last one's number
            if not self._append(record):
                await self._send(record.partition)
                self._append(record)
        for partition in list(self._batches):
            await self._send(partition)
        await asyncio.gather(*self._under_way.values())
        return count

    def _append(self, record: Placed) -> bool:
        """Whether there was room."""
        batch = self._batches.get(record.partition)
        if batch is None:
            batch = self._batches[record.partition] = self._producer.create_batch()
        return batch.append(key=record.key, value=record.value, timestamp=None) is not None

    async def _send(self, partition: int) -> None:
        batch, before = self._batches.pop(partition), self._under_way.get(partition)
        if before is not None:
            await before
        self._under_way[partition] = await self._producer.send_batch(
            batch, self._topic, partition=partition)
