"""Everything that stands on a topic at the moment, in the order of its offsets."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipeline.broker import health, wire
from pipeline.broker.errors import BrokerError

ANSWER_PATIENCE_S = 10.0
POLL_MS = 500
POLL_RECORDS = 10_000
MAX_RECORD_BYTES = 4 * 2**20  # as the topics are created
SILENT_POLLS = 60


class Stored(NamedTuple):
    """A record as it lies on its topic; `at` is the broker's or producer's stamp, epoch ms."""

    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes | None


def stored(
    bootstrap: str, topic: str, partitions: Iterable[int] | None = None, since: int | None = None
) -> Iterator[Stored]:
    """Every committed record of the topic (full name) up to its end as of now; of all
    partitions, or of those given; from the first one stamped at `since` or later.

    Raises:
        BrokerError: Kafka does not answer, has no such topic, or stops answering.
    """
    health.require(bootstrap, ANSWER_PATIENCE_S)
    consumer = _consumer(bootstrap)
    try:
        yield from _read(consumer, topic, partitions, since)
    except KafkaError as error:
        raise BrokerError(f"cannot read {topic}: {error!r}") from error
    finally:
        consumer.close()


def _consumer(bootstrap: str) -> Any:
    return KafkaConsumer(
        **wire.client(bootstrap),
        client_id="xueshi-audit",
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=MAX_RECORD_BYTES + 1024,
    )


def _read(
    consumer: Any, topic: str, partitions: Iterable[int] | None, since: int | None
) -> Iterator[Stored]:
    known = consumer.partitions_for_topic(topic)
    if not known:
        raise BrokerError(f"no topic {topic}: run `xueshi topics create`")
    places = [TopicPartition(topic, p) for p in sorted(known if partitions is None else partitions)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    _seek(consumer, places, ends, since)
    yield from _until(consumer, ends)


def _seek(
    consumer: Any, places: list[TopicPartition], ends: dict[TopicPartition, int], since: int | None
) -> None:
    consumer.seek_to_beginning()
    if since is None:
        return
    for place, found in consumer.offsets_for_times(dict.fromkeys(places, since)).items():
        consumer.seek(place, found.offset if found else ends[place])


def _until(consumer: Any, ends: dict[TopicPartition, int]) -> Iterator[Stored]:
    silent = 0
    while any(consumer.position(place) < end for place, end in ends.items()):
        polled = consumer.poll(timeout_ms=POLL_MS, max_records=POLL_RECORDS)
        silent = 0 if polled else silent + 1
        if silent > SILENT_POLLS:
            raise BrokerError("Kafka has stopped answering in the middle of a topic")
        for place, records in polled.items():
            for r in records:
                if r.offset < ends[place]:
                    yield Stored(r.partition, r.offset, r.timestamp, r.key, r.value)
