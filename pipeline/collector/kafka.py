"""A producer that connects by itself, and again after whatever broke it."""

import asyncio
import contextlib
import logging
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from pipeline.collector.packing import KafkaAwayError

log = logging.getLogger("xueshi.collector")

RETRY_S = 1.0
LOOK_S = 2.0
MAX_BATCH_BYTES = 768 * 1024     # below the 1 MB that a broker takes unless told otherwise
MAX_RECORD_BYTES = 3 * 1024 * 1024


class Kafka:
    """Sends records with acks=all, idempotently. `servers`: host:port,…"""

    def __init__(self, servers: str, timeout_s: float) -> None:
        self._servers = servers
        self._timeout_s = timeout_s
        self._producer: Any = None
        self._broken = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to connect; returns at once, whether Kafka is there or not."""
        self._keeper = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Let go of Kafka, whatever is still under way."""
        tasks = [*self._retiring, *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._producer is not None:
            await _end(self._producer)

    async def send(self, topic: str, partition: int, value: bytes, key: bytes | None = None
                   ) -> None:
        """Returns once Kafka has acknowledged the record.

        Raises:
            KafkaAwayError: it did not; it may have the record all the same.
        """
        producer = self._producer
        if producer is None:
            raise KafkaAwayError(f"not connected to Kafka at {self._servers}")
        try:
            acknowledged = await producer.send(topic, value, key=key, partition=partition)
        except (KafkaError, AssertionError) as error:
            self._replace_if_broken(producer, error)
            raise KafkaAwayError(f"{topic}: {error!r}") from error
        try:
            await acknowledged
        except KafkaError as error:
            # The record has used up a sequence number, so the broker would refuse all that follow.
            self._replace(producer, error)
            raise KafkaAwayError(f"{topic}: {error!r}") from error

    async def partitions(self, topics: list[str]) -> dict[str, int]:
        """How many partitions each topic has; 0 for one that does not exist.

        Raises:
            KafkaAwayError: Kafka does not answer.
        """
        if self._producer is None:
            raise KafkaAwayError(f"not connected to Kafka at {self._servers}")
        try:
            async with asyncio.timeout(LOOK_S):
                cluster = await self._producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError) as error:
            raise KafkaAwayError(f"no answer from Kafka at {self._servers}") from error
        return {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}

    async def _keep_connected(self) -> None:
        while True:
            producer = await self._connect()
            self._broken.clear()
            self._producer = producer
            log.info("connected to Kafka at %s", self._servers)
            await self._broken.wait()
