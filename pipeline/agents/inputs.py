"""An agent's input topics, read by the batch from where each partition stands.

Who owns which partition is decided in the group (membership.py), and where each stands is in its
changelog; so this consumer has no part in the group, and commits nothing.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from pipeline.broker import wire

FETCH_BYTES = 2**20       # of a partition at once
RECORDS = 10              # decided on without a pause: some milliseconds
WAIT_S = 0.5


class Input(NamedTuple):
    """A record that came in; `topic` is its full name."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


class Inputs:
    """The records of the partitions that are followed, each in its order."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._consumer: Any = None

    async def follow(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read these partitions (topic, number) from these offsets on, and no others.

        Raises:
            KafkaError: Kafka does not answer.
        """
        consumer = await self._started()
        if not positions:
            consumer.unsubscribe()
            return
        places = {TopicPartition(*place): offset for place, offset in positions.items()}
        consumer.assign(list(places))
        for place, offset in places.items():
            consumer.seek(place, offset)

    async def some(self) -> list[Input]:
        """What there is, after WAIT_S at the latest; others have had their turn meanwhile.

        Raises:
            KafkaError: Kafka refuses.
        """
        if self._consumer is None or not self._consumer.assignment():
            await asyncio.sleep(WAIT_S)
            return []
        await asyncio.sleep(0)
        found = await self._consumer.getmany(timeout_ms=int(WAIT_S * 1000), max_records=RECORDS)
        return [Input(one.topic, one.partition, one.offset, one.value)
                for records in found.values() for one in records]

    async def _started(self) -> Any:
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(
                **wire.client(self._bootstrap), enable_auto_commit=False,
                auto_offset_reset="earliest", max_partition_fetch_bytes=FETCH_BYTES)
            await self._consumer.start()
        return self._consumer
