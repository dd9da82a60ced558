"""What both Bytewax engines share: a source with an end, a sink flushed with an epoch, the run."""

from collections.abc import Callable
from datetime import timedelta

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.operators import KeyedStream
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from job import Job, full_view

RECORDS = 500
"""At most so many a poll, which is what one activation of the dataflow has at hand."""

Record = tuple[str, bytes]
"""The partition as a key, the value."""


class Reader(StatefulSourcePartition[Record, dict[int, int]]):
    """All partitions by one consumer, from the offsets of the last snapshot to the ends."""

    def __init__(self, job: Job, offsets: dict[int, int]) -> None:
        self.ends = job.ends
        self.offsets = offsets
        self.consumer = Consumer({"bootstrap.servers": job.servers, "group.id": job.group,
                                  "enable.auto.commit": False})
        self.consumer.assign([TopicPartition(job.input, partition, offset)
                              for partition, offset in offsets.items()])

    def next_batch(self) -> list[Record]:
        if all(self.offsets[partition] >= end for partition, end in self.ends.items()):
            raise StopIteration
        messages = self.consumer.consume(RECORDS, 0.01)
        for message in messages:
            self.offsets[message.partition()] = message.offset() + 1
        return [(str(message.partition()), message.value()) for message in messages
                if message.offset() < self.ends[message.partition()]]

    def snapshot(self) -> dict[int, int]:
        return dict(self.offsets)

    def close(self) -> None:
        self.consumer.close()


class Telemetry(FixedPartitionedSource[Record, dict[int, int]]):
    """The input topic as one part: one consumer has fewer threads than one a partition."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def list_parts(self) -> list[str]:
        return ["all"]

    def build_part(self, step_id: str, for_part: str,
                   resume_state: dict[int, int] | None) -> Reader:
        return Reader(self.job, resume_state or dict.fromkeys(self.job.ends, 0))


class Writer(StatefulSinkPartition[tuple[str, str], None]):
    """Its views are acknowledged before an epoch is: a crash repeats some and loses none."""

    def __init__(self, job: Job) -> None:
        self.topic = job.output
        self.producer = Producer({"bootstrap.servers": job.servers})

    def write_batch(self, values: list[tuple[str, str]]) -> None:
        for teacher, resource in values:
            self.producer.produce(self.topic, full_view(teacher, resource), teacher,
                                  on_delivery=_require)

    def snapshot(self) -> None:
        self.producer.flush()

    def close(self) -> None:
        self.producer.flush()


def _require(error: KafkaError | None, _: Message) -> None:
    """The flush that waits for it raises KafkaException, and the epoch never ends."""
    if error is not None:
        raise KafkaException(error)


class FullViews(FixedPartitionedSink[tuple[str, str], None]):
    """The output topic as one part."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def list_parts(self) -> list[str]:
        return ["all"]

    def build_part(self, step_id: str, for_part: str, resume_state: None) -> Writer:
        return Writer(self.job)


Watch = Callable[[Job, Stream[Record]], KeyedStream[tuple[str, str]]]


def run(watch: Watch) -> None:
    """One worker, an epoch a flush; goes on from what the state folder holds."""
    job = Job.from_environment()
    flow = Dataflow("full_views")
    records = op.input("telemetry", flow, Telemetry(job))
    op.output("full_views", watch(job, records), FullViews(job))
    if not any(job.state.iterdir()):
        init_db_dir(job.state, 1)
    cli_main(flow, epoch_interval=timedelta(seconds=job.flush_seconds),
             recovery_config=RecoveryConfig(job.state))
