"""One partition's state: teachers in memory, and the buckets that they are stored in.

A record a teacher would be tens of microseconds a record, so teachers are kept in buckets. A flush
writes some of those that changed, the longest unwritten first, so that each is written in its
turn and not at every event (ADR 27). What is not written yet is not lost: each bucket says up to
where the input is in it, and one record says from where on the input must be read again after a
crash, up to where it is decided, and what is sent because of it. All are written together
(changelog.py), so no decision is made twice and none is forgotten.
"""

from collections.abc import Callable, ItemsView
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson

from pipeline.agents.stored import (
    Upgrades,
    decode,
    encode,
    encode_bucket,
    oldest,
    state_of,
    states_of,
)
from pipeline.schemas.partitioning import bucket_of

S = TypeVar("S")

PROGRESS = b"progress"
"""Key of the record with the positions and the outbox; buckets have their number as key."""


Positions = dict[str, int]
"""By input topic (its name in the catalogue), the offset of the next record."""


class Outcome(NamedTuple):
    """A record to be sent to `topic` once the state that decided it is durable."""

    topic: str
    key: str
    value: bytes


class Live(Protocol[S]):
    """States in memory by teacher: a dict, or what is quicker."""

    def get(self, teacher_id: str, /) -> S | None: ...

    def __getitem__(self, teacher_id: str, /) -> S: ...

    def __setitem__(self, teacher_id: str, state: S, /) -> None: ...

    def __delitem__(self, teacher_id: str, /) -> None: ...

    def items(self) -> ItemsView[str, S]: ...


@dataclass(frozen=True, slots=True)
class Codec(Generic[S]):
    """How one teacher's state is made, written as JSON values, and read back; `upgrades` lets it
    read what earlier versions wrote. `live` makes what holds those in memory.
    """

    new: Callable[[], S]
    dump: Callable[[S], Any]
    load: Callable[[Any], S]
    upgrades: Upgrades = field(default_factory=dict)
    live: Callable[[], Live[S]] = dict


class Change(NamedTuple):
    """What of a bucket is not written yet: its changed teachers, and where the input stood before
    the first of them was changed.
    """

    since: Positions
    teachers: set[str]


@dataclass(slots=True)
class Shard(Generic[S]):
    """The state of one partition over `table`, its changelog records by key.

    `positions` says up to where the input is in the states, `decided` up to where its outcomes were
    given out before: what stands between the two is decided again for the states alone. `live` has
    the states of teachers in memory, `resident` who they are by bucket, `dirty` what is to be
    written, in the order in which it changed. `taken` counts the events that were not refused.
    """

    partition: int
    partitions: int
    buckets: int
    codec: Codec[S]
    table: dict[bytes, bytes]
    positions: Positions = field(default_factory=dict)
    decided: Positions = field(default_factory=dict)
    live: Live[S] = field(init=False)
    resident: dict[int, list[str]] = field(default_factory=dict)
    dirty: dict[int, Change] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    taken: int = 0
    _held: dict[int, Positions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the last owner noted to send may not have been sent: it is sent again."""
        self.live = self.codec.live()
        if PROGRESS in self.table:
            noted = decode(self.table.pop(PROGRESS), self._oldest)
            self.decided = noted["positions"]
            self.positions = dict(noted.get("whole", self.decided))
            self.outcomes = [Outcome(t, k, v.encode()) for t, k, v in noted["outcomes"]]

    @property
    def _oldest(self) -> int:
        return oldest(self.codec.upgrades)

    def touch(self, teacher_id: str) -> S:
        """The teacher's state, to be changed."""
        state = self.find(teacher_id)
        self.mark(teacher_id)
        return state

    def find(self, teacher_id: str) -> S:
        """The teacher's state, kept in memory from now on; whoever changes it must `mark` it."""
        state = self.live.get(teacher_id)
        if state is None:
            state = self.peek(teacher_id)
            state = self.live[teacher_id] = self.codec.new() if state is None else state
            self.resident.setdefault(self.bucket_number(teacher_id), []).append(teacher_id)
        return state

    def peek(self, teacher_id: str) -> S | None:
        """The teacher's state to look at; None for a teacher never heard of."""
        state = self.live.get(teacher_id)
        if state is not None:
            return state
        bucket = self.table.get(b"%d" % self.bucket_number(teacher_id))
        if bucket is None:
            return None
        stored = state_of(bucket, teacher_id, self.codec.upgrades)
        return None if stored is None else self.codec.load(orjson.loads(stored))

    def mark(self, teacher_id: str) -> None:
        """The teacher's state is changed by the input record at `positions`."""
        number = self.bucket_number(teacher_id)
        change = self.dirty.get(number)
        if change is None:
            change = self.dirty[number] = Change(self.positions.copy(), set())
        change.teachers.add(teacher_id)

    def is_decided(self, topic: str) -> bool:
        """Whether the record of `topic` at `positions` was decided before."""
        return self.positions.get(topic, 0) < self.decided.get(topic, 0)

    def lacks(self, teacher_id: str, topic: str) -> bool:
        """Whether the record of `topic` that is being decided again is not in the teacher's stored
        state yet.
        """
        number = self.bucket_number(teacher_id)
        held = self._held.get(number)
        if held is None:
            stored = self.table.get(b"%d" % number)
            held = self._held[number] = {} if stored is None else decode(
                stored, self._oldest).get("at", {})
        return held.get(topic, 0) <= self.positions[topic]

    def caught_up(self) -> None:
        """All that was decided before is in the states again."""
        self._held.clear()

    def bucket_number(self, teacher_id: str) -> int:
        return bucket_of(teacher_id, self.partitions, self.buckets)

    def encode_some(self, count: int) -> dict[bytes, bytes]:
        """Changelog records, by key, of the `count` buckets that are unwritten for longest; they
        count as clean from now on.
        """
        due = list(islice(self.dirty, count))
        return {b"%d" % number: self._encoded(number, self.dirty.pop(number)) for number in due}

    def _encoded(self, number: int, change: Change) -> bytes:
        stored, dump = self.table.get(b"%d" % number), self.codec.dump
        states = {} if stored is None else states_of(stored, self.codec.upgrades)
        states.update((i, orjson.dumps(dump(self.live[i]))) for i in sorted(change.teachers))
        return encode_bucket(self.positions, states)

    def encode_progress(self, outcomes: list[Outcome]) -> bytes:
        """The record of how far the input is decided, from where on it must be read again, and
        what is going to be sent.
        """
        rows = [[topic, key, value.decode()] for topic, key, value in outcomes]
        oldest = next(iter(self.dirty.values()), None)
        whole = self.positions if oldest is None else {**self.positions, **oldest.since}
        return encode({"positions": self.positions, "whole": whole, "outcomes": rows})

    def drop_cold(self, keep: int) -> None:
        """Forget the teachers of written buckets, as long as more than `keep` are in memory; those
        that came into it first go first.
        """
        surplus = len(self.resident) - keep
        if surplus > 0:
            clean = (number for number in self.resident if number not in self.dirty)
            for number in list(islice(clean, surplus)):
                for teacher_id in self.resident.pop(number):
                    del self.live[teacher_id]
