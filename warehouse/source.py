"""Kafka as the loader uses it: assigned partitions, read from the offsets in the database."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Event
from typing import Any, Protocol

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    LogTruncationError,
    OffsetOutOfRangeError,
)

from pipeline.broker import health, local, wire
from pipeline.broker.admin import admin_client
from pipeline.schemas.rejections import Rejection
from pipeline.settings import Settings
from warehouse.batch import Names
from warehouse.decode import Message
from warehouse.errors import WarehouseError

ANSWER_MS = 4_000
RETRY_S = 0.2
MAX_RECORD_BYTES = 4 * 1024 * 1024  # as the topics are created
GROUP_RECORDS = 2_000               # rejections sent at once
GROUP_BYTES = 4 * 1024 * 1024
Offsets = Mapping[tuple[str, int], int]


def reach(settings: Settings, patience_s: float, stop: Event) -> str | None:
    """Bootstrap servers of the Kafka of the settings, once it answers; None if `stop` is set
    before.

    Raises:
        WarehouseError: it does not within `patience_s`, or no local one runs.
        BrokerError: KAFKA_BOOTSTRAP_SERVERS is not a list of host:port.
    """
    deadline = time.monotonic() + patience_s
    address: str | None = None
    while time.monotonic() < deadline:
        address = wire.named(settings) or local.status(settings).bootstrap
        if address and health.answers(address, min(3.0, patience_s)):
            return address
        if stop.wait(RETRY_S):
            return None
    raise WarehouseError(
        f"Kafka at {address} does not answer: start it, or correct KAFKA_BOOTSTRAP_SERVERS"
        if address else "no local Kafka runs: run `xueshi broker start`, or set "
        "KAFKA_BOOTSTRAP_SERVERS"
    )


def topic_ids(bootstrap: str, names: Names) -> dict[str, str]:
    """The broker's own id of each topic.

    Raises:
        WarehouseError: one is missing.
        KafkaError: Kafka does not answer.
    """
    with admin_client(bootstrap) as admin:
        found = {t["name"]: t for t in admin.describe_topics(list(names.all()))}
    missing = [name for name in names.all() if found[name]["error_code"] != 0]
    if missing:
        raise WarehouseError(
            f"no topic {', '.join(missing)} at {bootstrap}: run `xueshi topics create`")
    return {name: str(topic["topic_id"]) for name, topic in found.items()}


class Timed(Message, Protocol):
    """A record as Kafka hands it over; `timestamp`: epoch ms."""

    @property
    def timestamp(self) -> int: ...


class Source:
    """All partitions of the loaded topics, from `offsets` on (0 where there is none yet)."""

    def __init__(self, bootstrap: str, names: Names, offsets: Offsets) -> None:
        """Raises WarehouseError: Kafka no longer has, or never had, a record at an offset."""
        self._bootstrap = bootstrap
        self._consumer: Any = KafkaConsumer(
            **wire.client(bootstrap),
            client_id="xueshi-loader",
            enable_auto_commit=False,
            auto_offset_reset="none",  # lost data must stop the loader, never be skipped
            allow_auto_create_topics=False,
            max_partition_fetch_bytes=MAX_RECORD_BYTES + 1024,
            reconnect_backoff_max_ms=2_000,
        )
        try:
            places = [TopicPartition(name, number) for name in names.all()
                      for number in sorted(self._consumer.partitions_for_topic(name) or ())]
            self._consumer.assign(places)
            self._require_all(places, offsets)
        except BaseException:
            self.close()
            raise
        self.starts = {(place.topic, place.partition): offsets.get(tuple(place), 0)
                       for place in places}
        for place in places:
            self._consumer.seek(place, self.starts[tuple(place)])

    def _require_all(self, places: list[TopicPartition], offsets: Offsets) -> None:
        first = self._consumer.beginning_offsets(places, timeout_ms=ANSWER_MS)
        end = self._consumer.end_offsets(places, timeout_ms=ANSWER_MS)
        for place in places:
            wanted = offsets.get(tuple(place), 0)
            if not first[place] <= wanted <= end[place]:
                raise lost(f"{place.topic}[{place.partition}] has the offsets {first[place]} to "
                           f"{end[place]}, the warehouse needs it from {wanted} on")

    def poll(self, timeout_s: float, limit: int) -> list[Timed]:
        """The next records of all partitions, [] if none come within `timeout_s`.

        Raises:
            WarehouseError: Kafka has deleted records that are not loaded yet.
        """
        try:
            found = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=limit)
        except (OffsetOutOfRangeError, LogTruncationError) as error:
            raise lost(str(error)) from error
        return [message for messages in found.values() for message in messages]

    def answers(self) -> bool:
        """Whether Kafka can be reached: `poll` alone cannot tell silence from absence."""
        try:
            self._consumer.end_offsets(self._consumer.assignment(), timeout_ms=ANSWER_MS // 2)
        except KafkaError:
            return False
        return True

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=1_000)


def lost(detail: str) -> WarehouseError:
    """Why the loader stops where it could only go on by skipping records."""
    return WarehouseError(
        f"Kafka does not have the records that the warehouse needs next: {detail}. Nothing was "
        "skipped. Restore the topic, or move the warehouse file away and load everything again"
    )


def groups(rejections: list[Rejection]) -> Iterator[list[Rejection]]:
    """So many at once that Kafka, unless it is away, has taken them in time."""
    group: list[Rejection] = []
    size = 0
    for one in rejections:
        group.append(one)
        size += len(one.raw)
        if len(group) == GROUP_RECORDS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


class DeadLetters:
    """The way to the `rejections` topic."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._producer: Any = KafkaProducer(
            **wire.client(bootstrap),
            client_id="xueshi-loader",
            allow_auto_create_topics=False,
            acks="all",
            # After a record that ran out of time an idempotent producer of kafka-python 3.0 sends
            # nothing any more, ever; and a repeat is known by the rejection's place anyway.
            enable_idempotence=False,
            max_request_size=MAX_RECORD_BYTES,
            max_block_ms=ANSWER_MS,
            request_timeout_ms=ANSWER_MS,
            delivery_timeout_ms=ANSWER_MS,
            reconnect_backoff_max_ms=2_000,
        )

    def send(self, rejections: list[Rejection]) -> None:
        """Return once Kafka has acknowledged all of them.

        Raises:
            KafkaError: some are not acknowledged; sending them again does no harm, for their
                place makes them the same rejection.
        """
        for group in groups(rejections):
            deadline = time.monotonic() + ANSWER_MS / 1000
            for future in list(self._sent(group)):
                future.get(timeout=max(0.0, deadline - time.monotonic()))

    def _sent(self, rejections: list[Rejection]) -> Iterator[Any]:
        for part in (part for one in rejections for part in one.split()):
            yield self._producer.send(self._topic, part.to_json(), key=part.reason.encode())

    def close(self) -> None:
        with suppress(KafkaTimeoutError):  # what is still under way has not landed: it comes again
            self._producer.close(timeout=1)
