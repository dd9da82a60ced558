"""A producer that goes on through every trouble of Kafka, in order, and knows what arrived."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from chaos.load.errors import LoadError

DELIVERY_PATIENCE_MS = 300_000
REQUEST_PATIENCE_MS = 8_000
BLOCKS_MS = 1_000
UNDER_WAY = 64
LOOK_S = 0.5
LARGEST_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Sender:
    """Sends records, UNDER_WAY at a time at most, so that what counts as sent nearly is."""

    client: Any
    stopping: threading.Event
    under_way: deque[Any] = field(default_factory=deque)

    def __call__(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None
    ) -> None:
        """Hand one record over. Raises LoadError: it cannot be delivered, or `stopping` is set."""
        while len(self.under_way) >= UNDER_WAY:
            self._confirm_oldest()
        self.under_way.append(self._handed_over(topic, partition, key, value))

    def flush(self) -> None:
        """Wait until Kafka has all. Raises LoadError."""
        while self.under_way:
            self._confirm_oldest()

    def _handed_over(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None
    ) -> Any:
        while True:
            self._go_on()
            try:
                return self.client.send(topic, value=value, key=key, partition=partition)
            except KafkaTimeoutError:  # Kafka is away and the buffer is full: nothing is queued
                continue
            except KafkaError as error:
                raise LoadError(f"cannot send to {topic}: {error!r}") from error

    def _confirm_oldest(self) -> None:
        oldest = self.under_way[0]
        while not oldest.is_done:
            self._go_on()
            try:
                oldest.get(timeout=LOOK_S)
            except KafkaError:
                continue  # not yet; or it has failed, which is told below
        if oldest.failed():
            raise LoadError(f"Kafka did not take a record: {oldest.exception!r}")
        self.under_way.popleft()

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise LoadError("the load was stopped")


@contextmanager
def sending(bootstrap: str, stopping: threading.Event) -> Iterator[Sender]:
    """A sender that has delivered everything when the block ends well.

    Idempotent and with one request under way, as a record may come neither twice by accident
    nor before its predecessor.

    Raises:
        LoadError: Kafka did not take a record within DELIVERY_PATIENCE_MS, or is not there.
    """
    try:
        client = KafkaProducer(
            bootstrap_servers=bootstrap.split(","), client_id="xueshi-chaos", acks="all",
            enable_idempotence=True, max_in_flight_requests_per_connection=1,
            delivery_timeout_ms=DELIVERY_PATIENCE_MS, request_timeout_ms=REQUEST_PATIENCE_MS,
            max_block_ms=BLOCKS_MS, linger_ms=5, max_request_size=LARGEST_BYTES,
            allow_auto_create_topics=False, compression_type="lz4",
        )
    except KafkaError as error:
        raise LoadError(f"no Kafka at {bootstrap}: {error!r}") from error
    try:
        sender = Sender(client, stopping)
        yield sender
        sender.flush()
    finally:
        client.close(timeout=5)
