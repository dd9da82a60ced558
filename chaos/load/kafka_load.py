"""A shuffled and repeated summer straight to Kafka, hostile records among it."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chaos.load.expected import EventKey, Expected
from chaos.load.judging import claims
from chaos.load.load import Load, Sent, world_of
from chaos.load.order import Order
from chaos.load.pacing import Pace
from chaos.load.planting import Planted, planted, refusals
from chaos.load.sending import sending
from chaos.load.shuffling import deliveries
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.topics import TELEMETRY
from pipeline.settings import Settings
from simulator.bulk import arrivals

BATCH_EVENTS = 200


class Record(NamedTuple):
    """One record to be sent; `topic` is the short name, `events` how many it counts for."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    events: int


@dataclass(frozen=True, slots=True)
class KafkaSource:
    """All records in their order, made beforehand; `hostile` are those among them."""

    settings: Settings
    records: Sequence[Record]
    hostile: Sequence[Planted]
    pace: Pace

    @property
    def total(self) -> int:
        return sum(record.events for record in self.records)

    def play(self, sent: Sent, stopping: threading.Event) -> None:
        """Send all. Raises LoadError."""
        self.pace.change(self.pace.rate)  # it begins now
        with sending(self.settings.kafka_bootstrap_servers or "", stopping) as send:
            for record in self.records:
                self.pace.wait_here(record.events, stopping)
                send(self.settings.topic(record.topic), record.partition, record.key, record.value)
                sent.records += record.topic == TELEMETRY.name
                sent.events += record.events

    def conditions(self) -> list[str]:
        topics = Counter(one.topic for one in self.hostile)
        told = ", ".join(f"{count} to {topic}" for topic, count in sorted(topics.items()))
        sent = sum(one.events for one in self.records if one.key is None)
        return [f"{len(set(self._events())):,} events sent {sent:,} times, shuffled",
                f"hostile records: {told}"]

    def expected(self) -> Expected:
        return Expected(frozenset(self._events()), refusals(self.hostile))

    def _events(self) -> Iterator[EventKey]:
        for record in self.records:
            if record.key is None and record.value is not None:
                yield from ((claim.session_id, claim.seq) for claim in claims(record.value))


def kafka_load(settings: Settings, order: Order) -> Load:
    """The load, all its records made and none sent.

    Raises:
        CatalogueError, TooFewVideosError: the programmes cannot be simulated like that.
        ProgrammeError: the programme files are broken.
    """
    world = world_of(settings, order.teachers, order.seed, order.heartbeats, order.prefix)
    rng = random.Random(f"load:{order.seed}")
    catalogue = load_catalogue(settings.programmes_dir)
    hostile = planted(settings, catalogue, order.prefix, order.hostile)
    genuine = [Record(TELEMETRY.name, one.partition, None, one.value, one.events)
               for one in deliveries(arrivals(world), settings.partitions, BATCH_EVENTS, rng)]
    poison = [Record(one.topic, one.partition, one.key, one.value, 1) for one in hostile]
    return Load(settings, world, KafkaSource(settings, mixed(genuine, poison, rng), hostile,
                                             Pace(order.rate)))


def mixed(
    records: Sequence[Record], others: Sequence[Record], rng: random.Random
) -> list[Record]:
    """Both together: `records` in their order, the others anywhere."""
    places = [*range(len(records)), *(rng.randrange(len(records) + 1) for _ in others)]
    together = zip(places, [*records, *others], strict=True)
    return [record for _, record in sorted(together, key=lambda item: item[0])]
