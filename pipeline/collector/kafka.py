"""A producer that connects by itself, and again after whatever broke it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from pipeline.broker import wire
from pipeline.collector.packing import KafkaAwayError

log = logging.getLogger("xueshi.collector")

RETRY_S = 1.0    # between attempts to connect
RETRY_MS = 250   # between attempts to send
LOOK_S = 2.0
END_S = 1.0
MAX_BATCH_BYTES = 768 * 1024     # below the 1 MB that a broker takes unless told otherwise
MAX_RECORD_BYTES = 3 * 1024 * 1024


class Kafka:
    """Sends records with acks=all. A record may come twice, which its readers know; an idempotent
    producer could lose its place in one partition, and refuse all others with it.

    `servers`: host:port,… (wire.py); `timeout_s`: how long one request to a broker may take.
    """

    def __init__(self, servers: str, timeout_s: float) -> None:
        """Raises BrokerError: a certificate or key cannot be used."""
        self._servers = servers
        self._options = wire.client(servers)
        self._timeout_s = timeout_s
        self._producer: Any = None
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; returns at once, whether Kafka is there or not."""
        self._connecting = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Let go of Kafka; what is still under way gets END_S to arrive."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._producer is not None:
            await _end(self._producer)

    @property
    def connected(self) -> bool:
        """Whether there is a producer that was connected, and has not failed."""
        return self._producer is not None

    async def send(
        self, topic: str, partition: int, value: bytes, key: bytes | None = None
    ) -> None:
        """Returns once Kafka has acknowledged the record, however long that takes.

        Raises:
            KafkaAwayError: it did not; it may have the record all the same.
        """
        producer = self._connected()
        try:
            await (await producer.send(topic, value, key=key, partition=partition))
        except AssertionError as error:  # so aiokafka says that there is no such partition
            raise KafkaAwayError(f"{topic} has no partition {partition}") from error
        except KafkaError as error:
            raise KafkaAwayError(f"{topic}: {error!r}") from error

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each topic has; 0 for one that does not exist.

        Raises:
            KafkaAwayError: Kafka does not answer.
        """
        producer = self._connected()
        try:
            async with asyncio.timeout(LOOK_S):
                cluster = await producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError) as error:
            raise KafkaAwayError(f"no answer from Kafka at {self._servers}") from error
        return {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}

    def _connected(self) -> Any:
        if self._producer is None:
            raise KafkaAwayError(f"not connected to Kafka at {self._servers}")
        return self._producer

    async def _keep_connected(self) -> None:
        while True:
            self._producer = await self._connect()
            log.info("connected to Kafka at %s", self._servers)
            # It ends only by a fault of its own, and all that is sent afterwards would fail.
            await asyncio.wait([self._producer._sender.sender_task])
            log.warning("the producer has failed; connecting anew")
            failed, self._producer = self._producer, None
            await _end(failed)

    async def _connect(self) -> Any:
        while True:
            producer = self._new_producer()
            try:
                async with asyncio.timeout(self._timeout_s):
                    await producer.start()
            except Exception as error:  # whatever answers there, it may be Kafka the next time
                log.warning("no Kafka at %s (%r); trying again", self._servers, error)
                await _end(producer)
            except BaseException:
                await _end(producer)
                raise
            else:
                return producer
            await asyncio.sleep(RETRY_S)

    def _new_producer(self) -> Any:
        return AIOKafkaProducer(
            **self._options,
            acks="all",
            compression_type="lz4",
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_RECORD_BYTES,
            request_timeout_ms=int(self._timeout_s * 1000),
            retry_backoff_ms=RETRY_MS,
        )


async def _end(producer: Any) -> None:
    """Stop the producer, which alone would wait for ever to flush while Kafka is away."""
    try:
        async with asyncio.timeout(END_S):
            await producer.stop()
    except TimeoutError:
        producer._sender.sender_task.cancel()  # aiokafka has no way to stop without a flush
        await producer.client.close()
