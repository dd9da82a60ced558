"""Records by the batch: for one alone, a client makes a future and several calls."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

KeyValue = tuple[bytes, bytes]


def batches(producer: Any, records: Iterable[KeyValue]) -> Iterator[Any]:
    """The records in order, as batches of an aiokafka producer; one or more, the last may be empty.

    A batch takes its first record whatever its size.
    """
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:  # it is full
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    yield batch


class Sending:
    """Sends by a producer that there is only once the worker runs."""

    def __init__(self, producer: Callable[[], Any]) -> None:
        self._producer = producer
        # aiokafka counts the time of those that wait for one place several times over.
        self._turns: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(
        self, topic: str, partition: int, records: Sequence[KeyValue]
    ) -> list[Awaitable[object]]:
        """Hand the records over; an awaitable a batch, which ends when Kafka has it."""
        producer = self._producer()
        async with self._turns[topic, partition]:
            return [await producer.send_batch(batch, topic, partition=partition)
                    for batch in batches(producer, records)]
