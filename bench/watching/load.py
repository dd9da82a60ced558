"""An evening of the country: the telemetry of all who are at their players, and what is true of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random

from bench.teachers import population
from bench.watching.evening import Packing, Partition
from bench.watching.plays import BEAT_MS, videos
from bench.watching.track import Track
from bench.watching.truth import Prefix, Truth
from pipeline.broker import topics
from pipeline.broker.producing import producing
from pipeline.schemas.topics import TELEMETRY
from pipeline.settings import Settings
from simulator.catalogue import Catalogue, read_catalogue

BEGINS_AT = round(datetime.fromisoformat("2023-07-20T19:00:00+08:00").timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the evening is to be like. `events`: at least so many, and then to the end of the round;
    `active`: teachers at their players at once; `prefixes`: events of the beginnings whose truth
    is asked for; `begins_at`: epoch ms; `visit_beats`: see `Partition`.
    """

    teachers: int
    active: int
    events: int
    partitions: int
    record_events: int = 250
    seed: int = 1
    prefixes: tuple[int, ...] = ()
    begins_at: int = BEGINS_AT
    visit_beats: int = 0


@dataclass(slots=True)
class Evening:
    """Makes the records, once; the truth is whole when all were made."""

    asked: Asked
    catalogue: Catalogue
    truth: Truth = field(init=False)
    _partitions: list[Partition] = field(init=False)

    def __post_init__(self) -> None:
        self.truth = Truth(self.asked.partitions)
        random = Random(self.asked.seed)
        watched = videos(self.catalogue, self.asked.begins_at)
        self._partitions = [
            Partition(numbers, round(self.asked.active * len(numbers) / self.asked.teachers),
                      Packing(self.asked.record_events, random), self.truth, watched,
                      self.asked.visit_beats)
            for numbers in population(self.asked.teachers, self.asked.partitions)
        ]

    def records(self) -> Iterator[tuple[int, bytes]]:
        """(partition, value) in the order of sending."""
        wanted = sorted(self.asked.prefixes, reverse=True)
        for partition in self._partitions:
            partition.begin(self.asked.begins_at)
        for begins_at in count(self.asked.begins_at, BEAT_MS):
            yield from self._round(begins_at)
            while wanted and self._prefix().events >= wanted[-1]:
                self.truth.prefixes.append(self._prefix())
                wanted.pop()
            if self.events >= self.asked.events:
                break
        yield from self._rest()
        self.truth.prefixes.append(self._prefix())

    @property
    def events(self) -> int:
        """How many were made so far."""
        return sum(one.packing.events for one in self._partitions)

    def _round(self, begins_at: int) -> Iterator[tuple[int, bytes]]:
        for number, partition in enumerate(self._partitions):
            partition.round(begins_at)
            yield from ((number, value) for value in partition.packing.taken())

    def _rest(self) -> Iterator[tuple[int, bytes]]:
        for number, partition in enumerate(self._partitions):
            if partition.packing.rows:
                partition.packing.cut()
            yield from ((number, value) for value in partition.packing.taken())

    def _prefix(self) -> Prefix:
        packings = [one.packing for one in self._partitions]
        return Prefix(sum(one.ready_events for one in packings),
                      {number: one.offset for number, one in enumerate(packings)})


def load(settings: Settings, asked: Asked, patience_s: float) -> Track:
    """Put the evening on a telemetry topic of the settings' prefix.

    Raises:
        BrokerError: Kafka does not answer, or does not take a record.
    """
    kafka = settings.kafka_bootstrap_servers or ""
    topics.create(kafka, settings)
    catalogue = read_catalogue(settings.programmes_dir)
    evening = Evening(asked, catalogue)
    with producing(kafka) as producer:
        for partition, value in evening.records():
            producer.send(settings.topic(TELEMETRY.name), value, None, partition)
    durations = {one.id: one.duration_ms for one in videos(catalogue, asked.begins_at)}
    return Track(settings, evening.truth, durations, patience_s)
