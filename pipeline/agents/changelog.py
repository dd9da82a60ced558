"""One partition's changelog: written in transactions that fence, and read back whole.

Whoever takes a partition over opens the changelog under the partition's transactional id. From
that moment Kafka refuses every write of an earlier owner, so a worker that slept and wakes up
cannot put old state over new (Kafka's "zombie fencing", KIP-98; ADR 13). A write is one
transaction: after a crash at any point all of it is there, or nothing.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from pipeline.agents.batches import batches
from pipeline.broker import wire

WRITE_PATIENCE_S = 30.0      # then Kafka aborts the transaction, and only a restart is safe
PART_BYTES = 512 * 1024      # of a large value; no record needs more than Kafka's own limits
BATCH_BYTES = 900 * 1024     # ≤ the 1 MiB of an unconfigured broker
FETCH_BYTES = 16 * 2**20


class ChangelogError(Exception):
    """A write was not confirmed in time, or what is read back is not what a worker writes."""


class FencedError(ChangelogError):
    """Another worker owns the partition by now."""


@dataclass(frozen=True, slots=True)
class Changelog:
    """The writing end of one partition, held by one owner at a time."""

    topic: str
    partition: int
    producer: Any

    async def write(self, records: Mapping[bytes, bytes]) -> None:
        """Write all records, or none.

        Raises:
            FencedError: somebody else has taken the partition over.
            ChangelogError: not confirmed within WRITE_PATIENCE_S.
            KafkaError: Kafka refuses.
        """
        place = f"{self.topic}/{self.partition}"
        try:
            async with asyncio.timeout(WRITE_PATIENCE_S):
                await self._write(records)
        except ProducerFenced as error:
            raise FencedError(f"{place} was taken over by another worker while this one did not "
                              "answer, or took too long to write") from error
        except TimeoutError as error:
            raise ChangelogError(
                f"{place}: Kafka has not confirmed a write for {WRITE_PATIENCE_S:.0f} s"
            ) from error

    async def _write(self, records: Mapping[bytes, bytes]) -> None:
        async with self.producer.transaction():
            sent = [await self.producer.send_batch(batch, self.topic, partition=self.partition)
                    for batch in self._batches(records)]
            await asyncio.gather(*sent)

    def _batches(self, records: Mapping[bytes, bytes]) -> Iterator[Any]:
        return batches(self.producer, parts(records))

    async def close(self) -> None:
        await self.producer.stop()


async def take_over(
    bootstrap: str, topic: str, partition: int, left: dict[int, int] | None = None
) -> tuple[Changelog, dict[bytes, bytes]]:
    """Become the owner of the partition, and read what its earlier owners have written.

    Meanwhile `left` has, by partition, how many of its changelog's offsets are still to be read.

    Raises:
        ChangelogError: a value in it lacks a part.
        KafkaError: Kafka does not answer, or refuses.
    """
    producer = AIOKafkaProducer(
        **wire.client(bootstrap),
        transactional_id=f"{topic}-{partition}",
        transaction_timeout_ms=int(WRITE_PATIENCE_S * 1000),
        request_timeout_ms=int(WRITE_PATIENCE_S * 1000),
        max_batch_size=BATCH_BYTES,
    )
    left = {} if left is None else left
    left[partition] = 0
    try:
        await producer.start()
        table = await restore(bootstrap, topic, partition, left)
    except BaseException:
        await producer.stop()
        raise
    finally:
        left.pop(partition, None)
    return Changelog(topic, partition, producer), table


async def restore(
    bootstrap: str, topic: str, partition: int, left: dict[int, int]
) -> dict[bytes, bytes]:
    """The last committed value of every key; `left` as in `take_over`."""
    consumer = AIOKafkaConsumer(
        **wire.client(bootstrap), isolation_level="read_committed", enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        return joined(await _last_values(consumer, TopicPartition(topic, partition), left))
    finally:
        await consumer.stop()


async def _last_values(
    consumer: Any, place: TopicPartition, left: dict[int, int]
) -> dict[bytes, bytes]:
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end = (await consumer.end_offsets([place]))[place]
    values: dict[bytes, bytes] = {}
    # The position also moves over aborted records and the transactions' own markers.
    while (at := await consumer.position(place)) < end:
        left[place.partition] = end - at
        for record in (await consumer.getmany(place, timeout_ms=500)).get(place, ()):
            values[record.key] = record.value
    return values


def parts(records: Mapping[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Records as they are written: a value of PART_BYTES and more goes on under `key/1`, ….

    The first byte of the first part says how many more there are.
    """
    for key, value in records.items():
        first, *more = _cut(value)
        yield key, bytes([len(more)]) + first
        for number, part in enumerate(more, 1):
            yield b"%b/%d" % (key, number), part


def _cut(value: bytes) -> list[bytes]:
    return [value[at : at + PART_BYTES] for at in range(0, len(value), PART_BYTES)] or [b""]


def joined(written: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The records that `parts` made these of; parts left over from a larger value do not count."""
    return {key: _join(key, value, written) for key, value in _firsts(written)}


def _firsts(written: Mapping[bytes, bytes]) -> Iterable[tuple[bytes, bytes]]:
    return ((key, value) for key, value in written.items() if b"/" not in key)


def _join(key: bytes, first: bytes, written: Mapping[bytes, bytes]) -> bytes:
    try:
        more = [written[b"%b/%d" % (key, number)] for number in range(1, first[0] + 1)]
    except (IndexError, KeyError) as error:
        raise ChangelogError(f"the value of {key!r} lacks a part") from error
    return b"".join((first[1:], *more))
