"""A simulated summer through the agents' rules, in memory: all that a run leaves in Kafka.

The real codecs, shards and records of the workers, without broker and processes; what is read
back from it is read by the proof's own readers.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.evidence import Stored
from chaos.load.planting import Planted, planted
from chaos.load.shuffling import deliveries
from pipeline.agents.changelog import parts
from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting
from pipeline.agents.rejecting import Place, rejected
from pipeline.agents.shard import PROGRESS, Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.viewing import Viewing
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings
from simulator.bulk import arrivals
from simulator.roster import RosterEntry, roster_records
from simulator.truth import TeacherTruth
from simulator.world import World, make_world

PARTITIONS, BUCKETS = 2, 8
FLUSH_EVERY = 15


@dataclass(slots=True)
class Log:
    """One topic; offsets and times go up by one."""

    records: list[Stored] = field(default_factory=list)
    ends: Counter[int] = field(default_factory=Counter)

    def add(self, partition: int, key: bytes | None, value: bytes | None) -> Stored:
        record = Stored(partition, self.ends[partition], len(self.records), key, value)
        self.records.append(record)
        self.ends[partition] += 1
        return record


@dataclass(slots=True)
class Summer:
    """Everything by topic, the shards as they are in the end, and what is true."""

    world: World
    catalogue: Catalogue
    truth: tuple[TeacherTruth, ...]
    roster: list[RosterEntry]
    hostile: list[Planted]
    topics: dict[str, Log]
    watching: dict[int, Shard[Viewing]]
    crediting: dict[int, Shard[Book]]


def summer(seed: int = 1, teachers: int = 55, heartbeats: int = 12_000) -> Summer:
    """The summer, hostile records and repeats among it."""
    settings = Settings(partitions=PARTITIONS)
    world = make_world(settings, teachers, seed, heartbeats)
    catalogue = load_catalogue(settings.programmes_dir)
    hostile = [one for one in planted(settings, catalogue, "x-", 1) if one.topic == "telemetry"]
    names = ("telemetry", "completions", "enrolments", "ledger", "rejections",
             "watching-changelog", "crediting-changelog")
    made = Summer(
        world, catalogue, tuple(world.truth(person) for person in world.population.people),
        list(roster_records(world.population, world.catalogue.main)), hostile,
        {name: Log() for name in names},
        {n: Shard(n, PARTITIONS, BUCKETS, viewer_codec(catalogue.clock), {})
         for n in range(PARTITIONS)},
        {n: Shard(n, PARTITIONS, BUCKETS, BOOK_CODEC, {}) for n in range(PARTITIONS)},
    )
    _watch(made, seed)
    _credit(made)
    return made


def _watch(made: Summer, seed: int) -> None:
    telemetry, agent = made.topics["telemetry"], Watching(made.catalogue, "completions", Counter())
    for one in deliveries(arrivals(made.world), PARTITIONS, 100, random.Random(seed)):
        telemetry.add(one.partition, None, one.value)
    for record in made.hostile:
        telemetry.add(record.partition, record.key, record.value)
    for number, stored in enumerate(telemetry.records, 1):
        shard = made.watching[stored.partition]
        _take(made, shard, "telemetry", stored, agent)
        if number % FLUSH_EVERY == 0:
            _flush(made, shard, "watching-changelog")
    for shard in made.watching.values():
        _flush(made, shard, "watching-changelog")


def _credit(made: Summer) -> None:
    """Enrolments first; those that come late do so after everything else."""
    agent = Crediting(made.catalogue, "ledger")
    enrolments = made.topics["enrolments"]
    for late in (False, True):
        for one in _enrolments(made.world, late):
            raw = one.to_json()
            enrolments.add(partition_of(one.teacher_id, PARTITIONS), one.teacher_id.encode(), raw)
    early = sum(1 for _ in _enrolments(made.world, False))
    inputs = [*(("enrolments", one) for one in enrolments.records[:early]),
              *(("completions", one) for one in made.topics["completions"].records),
              *(("enrolments", one) for one in enrolments.records[early:])]
    for number, (topic, stored) in enumerate(inputs, 1):
        shard = made.crediting[stored.partition]
        _take(made, shard, topic, stored, agent)
        if number % FLUSH_EVERY == 0:
            _flush(made, shard, "crediting-changelog")
    for shard in made.crediting.values():
        _flush(made, shard, "crediting-changelog")


def _enrolments(world: World, late: bool) -> Iterator[Enrolment]:
    for person in world.population.people:
        for one in world.plan(person).enrols:
            if one.afterwards == late:
                yield Enrolment(teacher_id=person.id, programme_id=one.programme_id, at=one.at)


def _take(made: Summer, shard: Shard[Any], topic: str, stored: Stored, agent: Any) -> None:
    place = Place(topic, stored.partition, stored.offset)
    for refused in agent.take(shard, topic, stored.value):
        for record in rejected("rejections", place, 1, refused):
            made.topics["rejections"].add(0, record.key, record.value)
    shard.positions[topic] = stored.offset + 1


def _flush(made: Summer, shard: Shard[Any], changelog: str) -> None:
    outcomes, shard.outcomes = shard.outcomes, []
    buckets = shard.encode_some(len(shard.dirty))
    shard.table.update(buckets)
    records = {**buckets, PROGRESS: shard.encode_progress(outcomes)}
    write(made.topics[changelog], shard.partition, records)
    for outcome in outcomes:
        made.topics[outcome.topic].add(shard.partition, outcome.key.encode(), outcome.value)


def write(log: Log, partition: int, records: Mapping[bytes, bytes]) -> None:
    """As a worker writes to its changelog, large values in parts."""
    for key, value in parts(records):
        log.add(partition, key, value)
