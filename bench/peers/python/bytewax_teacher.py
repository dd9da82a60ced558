"""Bytewax, state per teacher: an epoch writes those teachers only who were watching in it."""

import marshal
from itertools import chain

import bytewax.operators as op
from bytewax.dataflow import Stream
from bytewax.operators import KeyedStream, StatefulBatchLogic
from bytewax_kafka import Record, run
from job import Job, decode
from merging import View, take

Event = tuple[str, str, int, int]
"""Resource as the key, the resource, start and end: what `take` takes."""


class Teacher(StatefulBatchLogic[list[Event], str, bytes]):
    """All views of one teacher, by resource."""

    def __init__(self, needed: dict[str, int], stored: bytes | None) -> None:
        self.needed = needed
        self.views: dict[str, View] = marshal.loads(stored) if stored else {}

    def on_batch(self, values: list[list[Event]]) -> tuple[list[str], bool]:
        full = take(self.views, self.needed, chain.from_iterable(values))
        return full, StatefulBatchLogic.RETAIN

    def snapshot(self) -> bytes:
        """Bytes, as the state goes on changing while they are written."""
        return marshal.dumps(self.views)


def by_teacher(records: list[Record]) -> list[tuple[str, list[Event]]]:
    """All events at hand, one item a teacher: what crosses the dataflow costs by the item."""
    events: dict[str, list[Event]] = {}
    for _, value in records:
        batch = decode(value)
        for teacher, resource, start, end in zip(batch.teacher_id, batch.resource_id,
                                                 batch.start, batch.end, strict=True):
            events.setdefault(teacher, []).append((resource, resource, start, end))
    return list(events.items())


def watch(job: Job, records: Stream[Record]) -> KeyedStream[tuple[str, str]]:
    """The flow between the topics."""
    teachers = op.flat_map_batch("by_teacher", records, by_teacher)
    full = op.stateful_batch("watch", teachers, lambda stored: Teacher(job.needed, stored))
    return op.map("view", full, lambda view: (view[0], view))


if __name__ == "__main__":
    run(watch)
