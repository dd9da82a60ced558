"""Records that a stream did not bring, read from their topic."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from pipeline.broker import wire

FETCH_BYTES = 8 * 2**20


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
            for record in (await consumer.getmany(place, timeout_ms=500)).get(place, ()):
                if record.offset < end:
                    yield record.offset, record.value
    finally:
        await consumer.stop()
