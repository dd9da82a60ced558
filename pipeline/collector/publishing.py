"""From sorted posts to acknowledged records."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from typing import Protocol

from pipeline.collector.metering import Counts, Waiting
from pipeline.collector.packing import (
    MAX_WAITING_BYTES,
    KafkaAwayError,
    Lane,
    Parcel,
    QueueFullError,
)
from pipeline.collector.sorting import Sorted
from pipeline.collector.tokens import Play
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Rejection
from pipeline.schemas.topics import REJECTIONS, TELEMETRY
from pipeline.settings import Settings

EVENT_OVERHEAD = 200   # bytes: numbers and quotes of a row, names of a quiz's fields
FLUSH_S = 1.0


class Transport(Protocol):
    """What carries records; in life `kafka.Kafka`, which says what each of these does."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(
        self, topic: str, partition: int, value: bytes, key: bytes | None = None
    ) -> None: ...

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]: ...


class Publisher:
    """Packs events by partition and sends them; rejections go out one by one."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport
        self._lanes = [self._lane(partition) for partition in range(settings.partitions)]
        self._rejected_bytes = 0
        self.counts = Counts()
        self._patience: set[asyncio.Timeout] = set()

    async def start(self) -> None:
        """Returns at once, whether Kafka is there or not."""
        await self._transport.start()

    async def stop(self) -> None:
        """Send what is waiting, for FLUSH_S at most, and let go of Kafka."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await asyncio.gather(*(lane.finish() for lane in self._lanes))
        await self._transport.stop()

    def give_up(self) -> None:
        """Fail all posts that still wait for Kafka, so that they can be answered."""
        for limit in self._patience:
            limit.reschedule(asyncio.get_running_loop().time())

    async def publish(self, play: Play, post: Sorted, body_bytes: int) -> None:
        """Returns once Kafka has acknowledged every event and every rejection of the post.

        Raises:
            KafkaAwayError, QueueFullError: at least one is not acknowledged.
            TimeoutError: nor was it within kafka_timeout_seconds.
        """
        async with asyncio.timeout(self._settings.kafka_timeout_seconds) as limit:
            self._patience.add(limit)
            try:
                await self._send(play, post, body_bytes)
            finally:
                self._patience.discard(limit)

    async def shortcomings(self) -> list[str]:
        """Why posts cannot be taken now; empty if they can."""
        wanted = {self._settings.topic(TELEMETRY.name): self._settings.partitions,
                  self._settings.topic(REJECTIONS.name): REJECTIONS.partitions or 1}
        try:
            found = await self._transport.partitions(wanted)
        except KafkaAwayError as away:
            return [str(away)]
        return [f"topic {topic} has {found[topic]} partitions, not {count}"
                for topic, count in wanted.items() if found[topic] != count]

    def waiting(self) -> Waiting:
        """What waits for Kafka now."""
        return Waiting(sum(lane.posts for lane in self._lanes),
                       self._rejected_bytes + sum(lane.bytes for lane in self._lanes))

    def _lane(self, partition: int) -> Lane:
        topic = self._settings.topic(TELEMETRY.name)

        async def send(value: bytes) -> None:
            try:
                await self._transport.send(topic, partition, value)
            except Exception:
                self.counts.failures += 1
                raise
            self.counts.records += 1
            self.counts.record_bytes += len(value)

        return Lane(send, self._settings.linger_ms / 1000)

    async def _send(self, play: Play, post: Sorted, body_bytes: int) -> None:
        if not post.rejections:
            await self._put(play, post, body_bytes)
        elif not post.accepted:
            await self._reject(post.rejections, body_bytes)
        else:
            await asyncio.gather(self._put(play, post, body_bytes),
                                 self._reject(post.rejections, body_bytes))

    async def _put(self, play: Play, post: Sorted, body_bytes: int) -> None:
        size = body_bytes + post.accepted * (_id_bytes(play) + EVENT_OVERHEAD)
        parcel = Parcel(post.rows, post.quizzes, size)
        self._lanes[partition_of(play.teacher_id, len(self._lanes))].put(parcel)
        await parcel.acknowledged
        self.counts.events += post.accepted

    async def _reject(self, rejections: Sequence[Rejection], body_bytes: int) -> None:
        if self._rejected_bytes + body_bytes > MAX_WAITING_BYTES:
            raise QueueFullError
        self._rejected_bytes += body_bytes
        topic = self._settings.topic(REJECTIONS.name)
        try:
            await asyncio.gather(*(
                self._transport.send(topic, 0, part.to_json(), part.reason.encode())
                for rejection in rejections for part in rejection.split()
            ))
        finally:
            self._rejected_bytes -= body_bytes
        self.counts.refused.update(rejection.reason for rejection in rejections)


def _id_bytes(play: Play) -> int:
    return len(play.teacher_id) + len(play.resource_id) + len(play.session_id)
