"""Bytewax, state per partition: the key is the record's partition, its state all the views there.

The whole of a partition's state is written with every epoch.
"""

import marshal

import bytewax.operators as op
from bytewax.dataflow import Stream
from bytewax.operators import KeyedStream, StatefulBatchLogic
from bytewax_kafka import Record, run
from job import Job, decode
from merging import View, take

Key = tuple[str, str]


class Partition(StatefulBatchLogic[bytes, Key, bytes]):
    """All views of one partition."""

    def __init__(self, needed: dict[str, int], stored: bytes | None) -> None:
        self.needed = needed
        self.views: dict[Key, View] = marshal.loads(stored) if stored else {}

    def on_batch(self, values: list[bytes]) -> tuple[list[Key], bool]:
        full = []
        for value in values:
            full += take(self.views, self.needed, decode(value).events())
        return full, StatefulBatchLogic.RETAIN

    def snapshot(self) -> bytes:
        """Bytes, as the state goes on changing while they are written."""
        return marshal.dumps(self.views)


def watch(job: Job, records: Stream[Record]) -> KeyedStream[Key]:
    """The flow between the topics."""
    return op.stateful_batch("watch", records, lambda stored: Partition(job.needed, stored))


if __name__ == "__main__":
    run(watch)
