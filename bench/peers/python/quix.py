"""Quix Streams: the changelogged state of each partition, written when a checkpoint is.

State is per teacher, and the input is partitioned by teacher already: no repartition topic.
Views stay in memory too; what changed since the last checkpoint is written once, just before
it, by a sink whose flush is the first step of every checkpoint. Right for the only member of
a group: views in memory know nothing of another member's work.
"""

from dataclasses import dataclass, field

import msgspec
from confluent_kafka import Consumer, TopicPartition
from job import Job, decode, full_view
from merging import View, take
from quixstreams import Application, State, message_context
from quixstreams.models.serializers import SerializationContext, Serializer
from quixstreams.sinks import BaseSink

Key = tuple[str, str]


class FullView(Serializer):
    """(teacher, resource) as the output's value."""

    def __call__(self, value: Key, ctx: SerializationContext) -> bytes:
        return full_view(*value)


@dataclass
class Partition:
    """Views of one partition by teacher and resource; the teachers the store is to be told of."""

    teachers: dict[str, dict[str, View]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    state: State | None = None

    def watch(self, value: bytes, state: State, needed: dict[str, int]) -> list[Key]:
        """The views that became full by a record. Raises ValueError for a bad record."""
        self.state = state
        batch = decode(value)
        self.changed.update(batch.teacher_id)
        return [(teacher, resource)
                for teacher, resource, start, end in zip(batch.teacher_id, batch.resource_id,
                                                         batch.start, batch.end, strict=True)
                if take(self._views(teacher), needed, ((resource, resource, start, end),))]

    def _views(self, teacher: str) -> dict[str, View]:
        views = self.teachers.get(teacher)
        if views is None:
            stored = self.state.get_bytes(teacher.encode())
            views = self.teachers[teacher] = msgspec.msgpack.decode(stored) if stored else {}
        return views

    def write(self) -> None:
        """All that changed, into the checkpoint's transaction."""
        for teacher in self.changed:
            self.state.set_bytes(teacher.encode(), msgspec.msgpack.encode(self.teachers[teacher]))
        self.changed.clear()


class Quix(BaseSink):
    """The application, and the sink that is flushed at its checkpoints."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.left = dict(job.ends)
        self.partitions = {partition: Partition() for partition in job.ends}
        self.app = Application(
            job.servers, consumer_group=job.group, auto_offset_reset="earliest",
            commit_interval=job.flush_seconds, state_dir=job.state, loglevel="WARNING",
            on_message_processed=self._processed,
            # killed and started again, it need not wait for its own session to run out
            consumer_extra_config={"group.instance.id": job.group},
        )

    def run(self) -> None:
        """Read to the ends, what was committed by an earlier run left out."""
        source = self.app.topic(self.job.input, value_deserializer="bytes")
        output = self.app.topic(self.job.output, key_serializer="str",
                                value_serializer=FullView())
        views = self.app.dataframe(source).apply(self._watch, stateful=True, expand=True)
        views.to_topic(output, key=lambda view: view[0]).sink(self)
        self._leave_committed_out()
        if self.left:
            self.app.run()

    def _watch(self, value: bytes, state: State) -> list[Key]:
        at = message_context()
        if at.offset >= self.job.ends.get(at.partition, 0):
            return []
        return self.partitions[at.partition].watch(value, state, self.job.needed)

    def flush(self) -> None:
        for partition in self.partitions.values():
            partition.write()

    def add(self, *args: object, **kwargs: object) -> None:
        """Full views are the output topic's; this sink takes none."""

    def on_paused(self) -> None:
        """Nothing is pressed back."""

    def _processed(self, topic: str, partition: int, offset: int) -> None:
        if offset + 1 >= self.left.get(partition, offset + 2):
            del self.left[partition]
            if not self.left:
                self.app.stop()

    def _leave_committed_out(self) -> None:
        consumer = Consumer({"bootstrap.servers": self.job.servers, "group.id": self.job.group})
        partitions = [TopicPartition(self.job.input, partition) for partition in self.left]
        for committed in consumer.committed(partitions):
            if committed.offset >= self.left[committed.partition]:
                del self.left[committed.partition]
        consumer.close()


if __name__ == "__main__":
    Quix(Job.from_environment()).run()
