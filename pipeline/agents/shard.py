"""One partition's state: buckets of teachers, decoded when touched, encoded when flushed.

Faust costs tens of microseconds a record and a table write a changelog record, so teachers
are kept in buckets of about eight, and a flush writes each touched bucket once (design:
170,000 events/s against 2,700 with a table write an event).

A bucket remembers, for each input topic, the offset of the last record that is in it. After
a crash the records behind the last commit come again, and a bucket that was already written
with them skips them. That makes every decision, and the order of decisions, final.
"""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from pipeline.schemas.partitioning import bucket_of

S = TypeVar("S")

STATE_VERSION = 1


class StateError(Exception):
    """Stored state that this build cannot read."""


class Source(NamedTuple):
    """The input record that brought something about."""

    topic: str
    offset: int


class Outcome(NamedTuple):
    """A record to be sent to `topic` once the state of `bucket` that decided it is durable."""

    bucket: int
    source: Source
    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Codec(Generic[S]):
    """How one teacher's state is made, written as JSON values, and read back."""

    new: Callable[[], S]
    dump: Callable[[S], Any]
    load: Callable[[Any], S]


@dataclass(slots=True)
class Bucket(Generic[S]):
    """States by teacher id; `durable` is what `offsets` was when the bucket was loaded."""

    teachers: dict[str, S] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    durable: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Shard(Generic[S]):
    """The state of one partition over `table`, the bytes that the changelog restores."""

    partition: int
    partitions: int
    buckets: int
    codec: Codec[S]
    table: MutableMapping[bytes, bytes]
    live: dict[int, Bucket[S]] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)

    def touch(self, teacher_id: str, source: Source) -> S | None:
        """The teacher's state, to be changed by `source`; None if `source` is in it already."""
        number = self.bucket_number(teacher_id)
        bucket = self._live(number)
        if source.offset <= bucket.durable.get(source.topic, -1):
            return None
        bucket.offsets[source.topic] = source.offset
        self.dirty.add(number)
        state = bucket.teachers.get(teacher_id)
        if state is None:
            state = bucket.teachers[teacher_id] = self.codec.new()
        return state

    def peek(self, teacher_id: str) -> S | None:
        """The teacher's state to look at; None for a teacher never heard of."""
        number = self.bucket_number(teacher_id)
        bucket = self.live.get(number) or self._load(number)
        return bucket.teachers.get(teacher_id)

    def bucket_number(self, teacher_id: str) -> int:
        return bucket_of(teacher_id, self.partitions, self.buckets)

    def _live(self, number: int) -> Bucket[S]:
        bucket = self.live.get(number)
        if bucket is None:
            bucket = self.live[number] = self._load(number)
        return bucket

    def _load(self, number: int) -> Bucket[S]:
        stored = self.table.get(bucket_key(self.partition, number))
        if stored is None:
            return Bucket()
        body = _versioned(stored)
        teachers = {i: self.codec.load(state) for i, state in body["teachers"].items()}
        return Bucket(teachers, dict(body["offsets"]), body["offsets"])

    def encode_dirty(self) -> dict[bytes, bytes]:
        """Changelog records of all touched buckets by key; they count as clean from now on."""
        records = {
            bucket_key(self.partition, number): self._encode(self.live[number])
            for number in self.dirty
        }
        self.dirty.clear()
        return records

    def _encode(self, bucket: Bucket[S]) -> bytes:
        teachers = {i: self.codec.dump(state) for i, state in bucket.teachers.items()}
        return orjson.dumps({"v": STATE_VERSION, "offsets": bucket.offsets, "teachers": teachers})

    def drop_cold(self, keep: int) -> None:
        """Forget the decoded form of clean buckets when more than `keep` are decoded."""
        if len(self.live) > keep:
            self.live = {number: self.live[number] for number in self.dirty}

    def unsent(self) -> list[Outcome]:
        """Outcomes of the last flush before a crash that may not have been sent.

        An outcome whose bucket was not written yet is left out: its input comes again.
        """
        stored = self.table.get(outbox_key(self.partition))
        if stored is None:
            return []
        return [one for one in _outcomes(_versioned(stored)) if self._is_durable(one)]

    def _is_durable(self, outcome: Outcome) -> bool:
        durable = self._live(outcome.bucket).durable
        return outcome.source.offset <= durable.get(outcome.source.topic, -1)


def bucket_key(partition: int, number: int) -> bytes:
    """The changelog key of a bucket; it names the partition, as all share one table."""
    return b"%d/%d" % (partition, number)


def outbox_key(partition: int) -> bytes:
    """The changelog key under which a flush notes what it is about to send."""
    return b"%d/outbox" % partition


def encode_outbox(outcomes: list[Outcome]) -> bytes:
    """The outbox record: what is sent once the buckets are durable."""
    rows = [[o.bucket, *o.source, o.topic, o.key, o.value.decode()] for o in outcomes]
    return orjson.dumps({"v": STATE_VERSION, "outcomes": rows})


def _outcomes(body: dict[str, Any]) -> Iterator[Outcome]:
    for bucket, source_topic, offset, topic, key, value in body["outcomes"]:
        yield Outcome(bucket, Source(source_topic, offset), topic, key, value.encode())


def _versioned(stored: bytes) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(stored)
    if body["v"] != STATE_VERSION:
        raise StateError(f"state version {body['v']}; this build reads {STATE_VERSION}")
    return body
