"""Records that were not brought, or are to be decided again, read from their topic."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from pipeline.broker import wire

FETCH_BYTES = 8 * 2**20
RECORDS = 20   # at once: they are decided on without a pause


async def missed(
    bootstrap: str, topic: str, partition: int, start: int, end: int
) -> AsyncIterator[tuple[int, bytes | None]]:
    """(offset, value) of every record in [start, end) that Kafka still has.

    Raises:
        KafkaError: Kafka does not answer.
    """
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        **wire.client(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, start)
        while await consumer.position(place) < end:
            await asyncio.sleep(0)  # others must get a turn also where all is at hand already
            found = await consumer.getmany(place, timeout_ms=500, max_records=RECORDS)
            for record in found.get(place, ()):
                if record.offset < end:
                    yield record.offset, record.value
    finally:
        await consumer.stop()
