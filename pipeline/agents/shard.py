"""One partition's state: buckets of teachers, decoded when touched, encoded when flushed.

A record a teacher would be tens of microseconds a record, so teachers are kept in buckets of
about eight, and a flush writes each touched bucket once. Beside the buckets stands one record
that says up to which offset the input is in them, and what is sent because of it; the two are
written together (changelog.py), so no decision is made twice and none is forgotten.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Generic, NamedTuple, TypeVar

import lz4.block
import orjson

from pipeline.schemas.partitioning import bucket_of

S = TypeVar("S")

STATE_VERSION = 2
PROGRESS = b"progress"
"""Key of the record with the positions and the outbox; buckets have their number as key."""


# In the place of the progress while state is being moved here (pipeline/repartition/).
MOVING: bytes = lz4.block.compress(orjson.dumps({"v": "moving"}))


Upgrades = Mapping[int, Callable[[Any], Any]]
"""By version, how a teacher's stored state of it is made one of the next version."""


class StateError(Exception):
    """Stored state that this build cannot read."""


class Outcome(NamedTuple):
    """A record to be sent to `topic` once the state that decided it is durable."""

    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Codec(Generic[S]):
    """How one teacher's state is made, written as JSON values, and read back; `upgrades` lets it
    read what earlier versions wrote.
    """

    new: Callable[[], S]
    dump: Callable[[S], Any]
    load: Callable[[Any], S]
    upgrades: Upgrades = field(default_factory=dict)


@dataclass(slots=True)
class Shard(Generic[S]):
    """The state of one partition over `table`, its changelog records by key.

    `positions`: by input topic, the offset of the next record to be decided. `live`: teachers'
    states by bucket, of the buckets that are decoded. `taken` counts the events that were not
    refused.
    """

    partition: int
    partitions: int
    buckets: int
    codec: Codec[S]
    table: dict[bytes, bytes]
    positions: dict[str, int] = field(default_factory=dict)
    live: dict[int, dict[str, S]] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0

    def __post_init__(self) -> None:
        """What the last owner noted to send may not have been sent: it is sent again."""
        if PROGRESS in self.table:
            oldest = min(self.codec.upgrades, default=STATE_VERSION)
            noted = decode(self.table.pop(PROGRESS), oldest)
            self.positions = noted["positions"]
            self.outcomes = [Outcome(t, k, v.encode()) for t, k, v in noted["outcomes"]]

    def touch(self, teacher_id: str) -> S:
        """The teacher's state, to be changed."""
        number = self.bucket_number(teacher_id)
        bucket = self.live.get(number)
        if bucket is None:
            bucket = self.live[number] = self._load(number)
        self.dirty.add(number)
        state = bucket.get(teacher_id)
        if state is None:
            state = bucket[teacher_id] = self.codec.new()
        return state

    def peek(self, teacher_id: str) -> S | None:
        """The teacher's state to look at; None for a teacher never heard of."""
        number = self.bucket_number(teacher_id)
        bucket = self.live.get(number) or self._load(number)
        return bucket.get(teacher_id)

    def bucket_number(self, teacher_id: str) -> int:
        return bucket_of(teacher_id, self.partitions, self.buckets)

    def _load(self, number: int) -> dict[str, S]:
        stored = self.table.get(b"%d" % number)
        if stored is None:
            return {}
        teachers = teachers_of(stored, self.codec.upgrades)
        return {i: self.codec.load(state) for i, state in teachers.items()}

    def encode_dirty(self) -> dict[bytes, bytes]:
        """Changelog records of all touched buckets by key; they count as clean from now on."""
        records = dict(self._encoded())
        self.dirty.clear()
        return records

    def _encoded(self) -> Iterator[tuple[bytes, bytes]]:
        dump = self.codec.dump
        for number in self.dirty:
            teachers = {i: dump(state) for i, state in self.live[number].items()}
            yield b"%d" % number, encode({"teachers": teachers})

    def encode_progress(self, outcomes: list[Outcome]) -> bytes:
        """The record of how far the input is decided, and what is going to be sent."""
        rows = [[topic, key, value.decode()] for topic, key, value in outcomes]
        return encode({"positions": self.positions, "outcomes": rows})

    def drop_cold(self, keep: int) -> None:
        """Forget the decoded form of clean buckets when more than `keep` are decoded."""
        if len(self.live) > keep:
            self.live = {number: self.live[number] for number in self.dirty}


def encode(body: dict[str, Any]) -> bytes:
    """A stored value: JSON with its version, as an LZ4 block behind its length (2.5 × smaller)."""
    stored: bytes = lz4.block.compress(orjson.dumps({"v": STATE_VERSION, **body}))
    return stored


def teachers_of(stored: bytes, upgrades: Upgrades) -> dict[str, Any]:
    """A bucket's states by teacher, as the present version writes them. Raises StateError."""
    body = decode(stored, min(upgrades, default=STATE_VERSION))
    steps = [upgrades[version] for version in range(body["v"], STATE_VERSION)]
    teachers: dict[str, Any] = body["teachers"]
    return {i: reduce(lambda old, step: step(old), steps, one) for i, one in teachers.items()}


def decode(stored: bytes, oldest: int = STATE_VERSION) -> dict[str, Any]:
    """What `encode` was given, by this build or one that wrote `oldest` or a later version.

    Raises:
        StateError: it is of another version, or nothing that a worker writes.
    """
    try:
        body: dict[str, Any] = orjson.loads(lz4.block.decompress(stored))
        version = body["v"]
    except (ValueError, KeyError, TypeError, lz4.block.LZ4BlockError) as error:
        raise StateError(f"not a worker's state: {stored[:20]!r}") from error
    if version == "moving":
        raise StateError("state is being moved here: end it with `xueshi repartition --finish`")
    if not isinstance(version, int) or not oldest <= version <= STATE_VERSION:
        reads = f"{oldest} to {STATE_VERSION}" if oldest < STATE_VERSION else f"{oldest}"
        raise StateError(f"state version {version}; this build reads {reads} "
                         "(docs/how-to/scale.md: another version of the state)")
    return body
