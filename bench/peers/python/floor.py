"""The floor: the job as one loop over librdkafka. Nothing is durable; a crash starts over.

Records are checked by the product's own rules with pydantic, or read as the other engines here do
where the argument is `plain`.
"""

import sys
import time
from collections.abc import Callable
from struct import unpack_from
from typing import Annotated, Any, Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, Producer, TopicPartition
from job import HEAD, Batch, Job, decode, full_view, layout, texts
from merging import View, take
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

EpochMs = Annotated[int, Field(ge=0, le=253_402_214_400_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:@-]+$")]
Seq = Annotated[int, Field(ge=1, le=2**31 - 1)]
Position = Annotated[int, Field(ge=0, le=24 * 3600 * 1000)]
RatePercent = Annotated[int, Field(ge=1, le=10_000)]


class TelemetryBatch(BaseModel):
    """The columns as the product's schema has them, quizzes apart."""

    model_config = ConfigDict(extra="ignore", strict=True)

    received_at: list[EpochMs] = Field(max_length=10_000)
    teacher_id: list[Id]
    resource_id: list[Id]
    session_id: list[Id]
    opened_at: list[EpochMs]
    seq: list[Seq]
    start: list[Position] = Field(alias="from")
    end: list[Position] = Field(alias="to")
    rate: list[RatePercent]

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        columns = (self.received_at, self.teacher_id, self.resource_id, self.session_id,
                   self.opened_at, self.seq, self.start, self.end, self.rate)
        if len(set(map(len, columns))) != 1:
            raise ValueError("columns differ in length")
        return self


def checked(raw: bytes) -> TelemetryBatch:
    """All columns. Raises ValueError, IndexError or struct.error where it is no such record."""
    return TelemetryBatch.model_validate(unpacked(raw))


def unpacked(raw: bytes) -> dict[str, Any]:
    """The columns by their names, in lists, as the strict schema wants them."""
    at = layout(raw)
    n = at.rows
    numbers = unpack_from(f"<{n}q{n}q{n}i{n}i{n}i{n}h{n}H", raw, at.numbers)
    columns = ("received_at", "opened_at", "seq", "from", "to", "rate")
    resources = raw[at.resources:at.quizzes].decode().split("\n")
    return {
        **{name: list(numbers[k * n:(k + 1) * n]) for k, name in enumerate(columns)},
        "teacher_id": texts(raw[at.teachers:at.sessions], raw[HEAD.size:HEAD.size + n]),
        "session_id": texts(raw[at.sessions:at.numbers], raw[HEAD.size + n:at.teachers]),
        "resource_id": [resources[one] for one in numbers[6 * n:]],
    }


class Floor:
    """Views of all partitions in memory."""

    def __init__(self, job: Job, read: Callable[[bytes], Batch | TelemetryBatch]) -> None:
        self.job = job
        self.read = read
        self.left = dict(job.ends)
        self.views: dict[tuple[str, str], View] = {}
        self.producer = Producer({"bootstrap.servers": job.servers})

    def run(self) -> None:
        """Read to the ends. Raises KafkaException when Kafka does."""
        consumer = self._consumer()
        while self.left:
            self._second(consumer)
            self.producer.flush()
        consumer.close()

    def _consumer(self) -> Consumer:
        consumer = Consumer({"bootstrap.servers": self.job.servers, "group.id": self.job.group,
                             "enable.auto.commit": False})
        consumer.assign([TopicPartition(self.job.input, partition, OFFSET_BEGINNING)
                         for partition in self.left])
        return consumer

    def _second(self, consumer: Consumer) -> None:
        over = time.monotonic() + self.job.flush_seconds
        while self.left and time.monotonic() < over:
            for message in consumer.consume(100, 0.1):
                self._take(message)

    def _take(self, message: Message) -> None:
        partition, offset = message.partition(), message.offset()
        if offset < self.left.get(partition, 0):
            self._merge(self.read(message.value()))
        if offset + 1 >= self.left.get(partition, offset + 2):
            del self.left[partition]

    def _merge(self, batch: Batch | TelemetryBatch) -> None:
        keys = zip(batch.teacher_id, batch.resource_id, strict=True)
        events = zip(keys, batch.resource_id, batch.start, batch.end, strict=True)
        for teacher, resource in take(self.views, self.job.needed, events):
            self.producer.produce(self.job.output, full_view(teacher, resource), teacher)


if __name__ == "__main__":
    Floor(Job.from_environment(), decode if sys.argv[1:] == ["plain"] else checked).run()
