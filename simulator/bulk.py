"""Straight to Kafka, for load: the same teachers, packed as the collector would pack them.

What never gets past the collector whatever happens (forged tokens, garbage, another's
resource) is left out. The truth is the same.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from pipeline.broker.producing import Producer
from pipeline.schemas.packed import packed
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.telemetry import MAX_BATCH_EVENTS
from pipeline.schemas.topics import TELEMETRY
from pipeline.settings import Settings
from simulator.actions import Action, Answers, Beat, Open, Post, Trick
from simulator.human import HOUR
from simulator.population import Person
from simulator.world import World

GETS_IN = frozenset({Trick.NONE, Trick.CLAIMED_SCORE, Trick.BEYOND_THE_END})
LONGEST_LINGER = HOUR
"""A collector packs what arrives within milliseconds. In virtual time that would hardly ever be
two posts; an hour packs well, and is short beside the day that late events may take."""

OnProgress = Callable[[int], None]


class Arrival(NamedTuple):
    """A post that the collector let in, with the session that it belongs to."""

    at: int
    teacher_id: str
    session_id: str
    resource_id: str
    opened_at: int
    post: Post


@dataclass(slots=True)
class BulkResult:
    """What was sent."""

    heartbeats: int = 0
    quizzes: int = 0
    records: int = 0


@dataclass(slots=True)
class Batch:
    """The columns of one telemetry record, as `TelemetryBatch` has them on the wire."""

    first_at: int
    received_at: list[int] = field(default_factory=list)
    teacher_id: list[str] = field(default_factory=list)
    resource_id: list[str] = field(default_factory=list)
    session_id: list[str] = field(default_factory=list)
    opened_at: list[int] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    quizzes: list[dict[str, object]] = field(default_factory=list)

    def has_room(self, arrival: Arrival, events: int) -> bool:
        """Whether the post may still go in: neither too much nor too late for one record."""
        waiting = len(self.beats) + len(self.quizzes)
        in_time = arrival.at - self.first_at <= LONGEST_LINGER
        return waiting < events and in_time and (
            waiting + len(arrival.post.events) <= MAX_BATCH_EVENTS)

    def add(self, arrival: Arrival) -> None:
        """Append all events of a post."""
        beats = [event for event in arrival.post.events if isinstance(event, Beat)]
        self.received_at += [arrival.at] * len(beats)
        self.teacher_id += [arrival.teacher_id] * len(beats)
        self.resource_id += [arrival.resource_id] * len(beats)
        self.session_id += [arrival.session_id] * len(beats)
        self.opened_at += [arrival.opened_at] * len(beats)
        self.beats += beats
        self.quizzes += (_quiz(arrival, event) for event in arrival.post.events
                         if isinstance(event, Answers))

    def to_packed(self) -> bytes:
        """The record as it stands on the wire."""
        rows = [(*row, *beat) for *row, beat in zip(
            self.received_at, self.teacher_id, self.resource_id, self.session_id, self.opened_at,
            self.beats, strict=True)]
        return packed(rows, orjson.dumps(self.quizzes))


def _quiz(arrival: Arrival, event: Answers) -> dict[str, object]:
    return {
        "v": 1, "received_at": arrival.at, "teacher_id": arrival.teacher_id,
        "resource_id": arrival.resource_id, "session_id": arrival.session_id,
        "opened_at": arrival.opened_at, "seq": event.seq, "quiz_id": event.quiz_id,
        "answers": dict(event.answers),
    }


def load(
    producer: Producer, settings: Settings, world: World, batch_events: int,
    on_progress: OnProgress = lambda _: None,
) -> BulkResult:
    """Send everything that gets in, all teachers interleaved in time order.

    A record has about `batch_events` events; `on_progress` is told the heartbeats so far.

    Raises:
        BrokerError: Kafka does not take a record.
    """
    result = BulkResult()
    for partition, batch in _batches(settings, arrivals(world), batch_events):
        producer.send(settings.topic(TELEMETRY.name), batch.to_packed(), None, partition)
        result.records += 1
        result.heartbeats += len(batch.beats)
        result.quizzes += len(batch.quizzes)
        on_progress(result.heartbeats)
    producer.flush()
    return result


def arrivals(world: World) -> Iterator[Arrival]:
    """What gets in of all teachers, in the order of its receive time."""
    people = world.population.people
    return heapq.merge(*(_one(person, world.actions(person)) for person in people),
                       key=lambda arrival: arrival.at)


def _one(person: Person, actions: Iterator[Action]) -> Iterator[Arrival]:
    """One teacher's arrivals. Session ids are the teacher's id and the play's name."""
    plays: dict[str, Open] = {}
    for action in actions:
        if isinstance(action, Open):
            plays[action.play] = action
        elif action.trick in GETS_IN:
            play = plays[action.play]
            yield Arrival(action.at, person.id, f"{person.id}-{play.play}",
                          play.resource_id, play.at, action)


def _batches(
    settings: Settings, arriving: Iterable[Arrival], batch_events: int
) -> Iterator[tuple[int, Batch]]:
    """Packed by partition; a post is never split, as the collector does not."""
    open_batches: dict[int, Batch] = {}
    for arrival in arriving:
        partition = partition_of(arrival.teacher_id, settings.partitions)
        batch = open_batches.get(partition)
        if batch is None or not batch.has_room(arrival, batch_events):
            if batch is not None:
                yield partition, batch
            batch = open_batches[partition] = Batch(arrival.at)
        batch.add(arrival)
    yield from open_batches.items()
