"""All that stands on a topic."""

from kafka import KafkaConsumer, TopicPartition

Record = tuple[int, bytes | None, bytes]


def read_topic(bootstrap: str, topic: str) -> list[Record]:
    """(partition, key, value) of every record; within a partition in order."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        return list(_until(consumer, consumer.end_offsets(partitions)))
    finally:
        consumer.close()


def _until(consumer: KafkaConsumer, ends: dict[TopicPartition, int]) -> list[Record]:
    found: list[Record] = []
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for records in consumer.poll(timeout_ms=500, max_records=10_000).values():
            found += [(record.partition, record.key, record.value) for record in records]
    return found
