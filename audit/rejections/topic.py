"""A topic read backwards, and at one place; evidence.py reads it forwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from audit.evidence import ANSWER_PATIENCE_S, MAX_RECORD_BYTES, POLL_MS, SILENT_POLLS, Stored
from pipeline.broker import health, wire
from pipeline.broker.errors import BrokerError

T = TypeVar("T")

BLOCK = 5_000  # records read forwards before they are handed out backwards


def newest_first(
    bootstrap: str, topic: str, since: int | None, read: Callable[[Stored], T | None]
) -> Iterator[T]:
    """What `read` makes of each record of partition 0 of the topic (full name), the last one
    first, back to the first one stamped at `since` or later (epoch ms); None is left out.

    Of a block of records only what `read` returns is held.

    Raises:
        BrokerError: Kafka does not answer, has no such topic, or stops answering.
    """
    with _reading(bootstrap, topic, 0) as (consumer, place):
        first, end = _first(consumer, place, since), consumer.end_offsets([place])[place]
        while end > first:
            start = max(first, end - BLOCK)
            block = [read(record) for record in _between(consumer, place, start, end)]
            yield from (one for one in reversed(block) if one is not None)
            end = start


def record_at(bootstrap: str, topic: str, partition: int, offset: int) -> Stored | None:
    """The record at that place; None where there is none, or none any more.

    Raises:
        BrokerError: Kafka does not answer, or has no such topic or partition.
    """
    with _reading(bootstrap, topic, partition) as (consumer, place):
        end = consumer.end_offsets([place])[place]
        if not _first(consumer, place, None) <= offset < end:
            return None
        return next(_between(consumer, place, offset, offset + 1), None)


@contextmanager
def _reading(bootstrap: str, topic: str, partition: int) -> Iterator[tuple[Any, TopicPartition]]:
    health.require(bootstrap, ANSWER_PATIENCE_S)
    place = TopicPartition(topic, partition)
    consumer = KafkaConsumer(
        **wire.client(bootstrap), client_id="xueshi-audit",
        enable_auto_commit=False, allow_auto_create_topics=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_RECORD_BYTES + 1024,
    )
    try:
        _require(consumer, place)
        consumer.assign([place])
        yield consumer, place
    except KafkaError as error:
        raise BrokerError(f"cannot read {topic}: {error!r}") from error
    finally:
        consumer.close()


def _require(consumer: Any, place: TopicPartition) -> None:
    partitions = consumer.partitions_for_topic(place.topic)
    if not partitions:
        raise BrokerError(f"no topic {place.topic}: run `xueshi topics create`, or correct "
                          "XUESHI_TOPIC_PREFIX")
    if place.partition not in partitions:
        raise BrokerError(f"{place.topic} has the partitions 0 to {max(partitions)} only")


def _first(consumer: Any, place: TopicPartition, since: int | None) -> int:
    if since is not None:
        found = consumer.offsets_for_times({place: since})[place]
        return int(found.offset if found else consumer.end_offsets([place])[place])
    return int(consumer.beginning_offsets([place])[place])


def _between(consumer: Any, place: TopicPartition, start: int, end: int) -> Iterator[Stored]:
    consumer.seek(place, start)
    silent = 0
    while consumer.position(place) < end:
        polled = consumer.poll(timeout_ms=POLL_MS, max_records=BLOCK).get(place, ())
        silent = 0 if polled else silent + 1
        if silent > SILENT_POLLS:
            raise BrokerError("Kafka has stopped answering in the middle of a topic")
        for r in polled:
            if r.offset < end:
                yield Stored(r.partition, r.offset, r.timestamp, r.key, r.value)
