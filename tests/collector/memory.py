"""A transport that keeps records in memory, and can be as unwilling as Kafka."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.collector.packing import KafkaAwayError
from pipeline.schemas.rejections import Rejection
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings


@dataclass(slots=True)
class Memory:
    """`away`: refuses all. `failing`: refuses records for these partitions of telemetry.
    `let_go`: until set, nothing is acknowledged.
    """

    settings: Settings
    away: bool = False
    failing: set[int] = field(default_factory=set)
    let_go: asyncio.Event | None = None
    missing_topics: bool = False
    sent: list[tuple[str, int, bytes, bytes | None]] = field(default_factory=list)

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(
        self, topic: str, partition: int, value: bytes, key: bytes | None = None
    ) -> None:
        if self.let_go is not None:
            await self.let_go.wait()
        if self.away or (partition in self.failing and topic.endswith("telemetry")):
            raise KafkaAwayError("away")
        self.sent.append((topic, partition, value, key))

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        if self.away:
            raise KafkaAwayError("away")
        counts = {"telemetry": self.settings.partitions, "rejections": 1}
        return {topic: 0 if self.missing_topics else counts[topic.split(".")[-1]]
                for topic in topics}

    def batches(self) -> list[TelemetryBatch]:
        """All telemetry, which must be valid."""
        return [TelemetryBatch.read(value)
                for topic, _, value, _ in self.sent if topic.endswith("telemetry")]

    def rejections(self) -> list[Rejection]:
        return [Rejection.model_validate_json(value)
                for topic, _, value, _ in self.sent if topic.endswith("rejections")]

    def events(self) -> int:
        return sum(len(batch.seq) + len(batch.quizzes) for batch in self.batches())
