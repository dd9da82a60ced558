"""A Kafka producer that hides no failure."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.broker import health, wire
from pipeline.broker.errors import BrokerError

ANSWER_PATIENCE_S = 10.0
DELIVERY_PATIENCE_S = 120
MOST_UNDER_WAY = 1000


class Producer:
    """Sends records, a bounded number at a time: the client itself would queue without end."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._under_way: deque[Any] = deque()

    def send(self, topic: str, value: bytes, key: str | None, partition: int) -> None:
        """Queue one record for `topic` (full name).

        Raises:
            BrokerError: an earlier one could not be delivered, or Kafka knows no such topic.
        """
        raw_key = key.encode() if key is not None else None
        try:
            self._under_way.append(
                self._client.send(topic, value=value, key=raw_key, partition=partition))
        except KafkaError as error:
            raise BrokerError(f"cannot send to {topic}: {error!r}") from error
        if len(self._under_way) > MOST_UNDER_WAY:
            self._confirm_oldest()

    def flush(self) -> None:
        """Wait until all is acknowledged. Raises BrokerError if anything was not."""
        while self._under_way:
            self._confirm_oldest()

    def _confirm_oldest(self) -> None:
        try:
            self._under_way.popleft().get(timeout=DELIVERY_PATIENCE_S)
        except KafkaError as error:
            raise BrokerError(f"Kafka did not take a record: {error!r}") from error


@contextmanager
def producing(bootstrap: str) -> Iterator[Producer]:
    """A producer that has delivered everything when the block ends well.

    Raises:
        BrokerError: Kafka does not answer or does not take a record.
    """
    health.require(bootstrap, ANSWER_PATIENCE_S)
    client = KafkaProducer(
        **wire.client(bootstrap), acks="all", linger_ms=20,
        batch_size=256 * 1024, max_request_size=4 * 1024 * 1024,
        max_block_ms=5_000, allow_auto_create_topics=False,
        compression_type="lz4",
    )
    try:
        producer = Producer(client)
        yield producer
        producer.flush()
    finally:
        client.close(timeout=10)
