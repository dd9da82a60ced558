"""A Kafka producer that hides no failure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.broker.errors import BrokerError

DELIVERY_PATIENCE_S = 120


class Producer:
    """Sends records and remembers the first that failed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._failure: Exception | None = None

    def send(self, topic: str, value: bytes, key: str | None, partition: int) -> None:
        """Queue one record for `topic` (full name).

        Raises:
            BrokerError: an earlier one could not be delivered, or Kafka knows no such topic.
        """
        self._raise_failure()
        raw_key = key.encode() if key is not None else None
        try:
            future = self._client.send(topic, value=value, key=raw_key, partition=partition)
        except KafkaError as error:
            raise BrokerError(f"cannot send to {topic}: {error!r}") from error
        future.add_errback(self._fail)

    def flush(self) -> None:
        """Wait until all is acknowledged. Raises BrokerError if anything was not."""
        self._client.flush(timeout=DELIVERY_PATIENCE_S)
        self._raise_failure()

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise BrokerError(f"Kafka did not take a record: {self._failure!r}")


@contextmanager
def producing(bootstrap: str) -> Iterator[Producer]:
    """A producer that has delivered everything when the block ends well.

    Raises:
        BrokerError: Kafka does not answer or does not take a record.
    """
    try:
        client = KafkaProducer(
            bootstrap_servers=bootstrap.split(","), acks="all", linger_ms=20,
            batch_size=256 * 1024, max_request_size=4 * 1024 * 1024,
            bootstrap_timeout_ms=10_000, max_block_ms=10_000, allow_auto_create_topics=False,
        )
    except KafkaError as error:
        raise BrokerError(f"no Kafka answers at {bootstrap}: {error!r}") from error
    try:
        producer = Producer(client)
        yield producer
        producer.flush()
    finally:
        client.close(timeout=10)
