"""Where the groups stand, asked of Kafka from outside."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from pipeline.broker import health, wire
from pipeline.broker.errors import BrokerError
from pipeline.broker.lag import patiently
from pipeline.broker.topics import connected
from pipeline.lag.figures import Place, Seen
from pipeline.lag.groups import Group, Partition, noted_owner, owners

READ_PATIENCE_S = 10.0
FETCH_BYTES = 64 * 1024  # of each partition; Kafka sends a whole batch even if it is larger


@dataclass(frozen=True, slots=True)
class Standing:
    """One group: its offsets, its partitions' owners, and whether it is known to Kafka."""

    committed: Mapping[Partition, int]
    owners: Mapping[Partition, str]


@dataclass(frozen=True, slots=True)
class Log:
    """The offsets of one partition's first record and of the next one to come."""

    first: int
    end: int


@dataclass(slots=True)
class Observer:
    """Asks the Kafka at `bootstrap`, `clock` giving the time in epoch ms. `logs`: what was seen
    last of every partition.

    Nothing stays connected between two looks, so a broker that went away and came back is found
    again. Timestamps are asked for only where a group has moved.
    """

    bootstrap: str
    clock: Callable[[], int]
    logs: dict[Partition, Log] = field(default_factory=dict)
    _stamps: dict[Place, tuple[int, int | None]] = field(default_factory=dict)

    def look(self, groups: Iterable[Group], more: Mapping[Group, Standing]) -> list[Seen]:
        """All partitions of the groups of Kafka, and of those whose standing is given.

        Raises:
            BrokerError: Kafka does not answer, or lacks a topic.
        """
        asked = list(groups)
        with connected(self.bootstrap) as admin:
            now = self.clock()
            standing = {**_standings(admin, asked, now), **more}
            _require_known(standing)
            topics = {topic for group, of in standing.items() for topic in _topics(group, of)}
            self.logs = _logs(admin, topics, self.bootstrap)
        found = [self._seen(group, of, place, now) for group, of in standing.items()
                 for place in sorted(self.logs) if place[0] in _topics(group, of)]
        return self._stamped(found)

    def _seen(self, group: Group, of: Standing, place: Partition, now: int) -> Seen:
        log = self.logs[place]
        # Whoever has committed nothing begins with the first record that is there.
        return Seen(Place(group.name, *place), now, of.committed.get(place, log.first), log.end,
                    None, of.owners.get(place, ""))

    def _stamped(self, found: list[Seen]) -> list[Seen]:
        """With the timestamp of each place's first record that is not committed."""
        behind = [seen for seen in found if seen.committed < seen.end]
        known = {seen.place: self._stamps[seen.place] for seen in behind
                 if self._stamps.get(seen.place, (-1,))[0] == seen.committed
                 and self._stamps[seen.place][1] is not None}
        wanted = {_position(seen): seen.end for seen in behind if seen.place not in known}
        stamps = timestamps(self.bootstrap, wanted) if wanted else {}
        self._stamps = known | {seen.place: (seen.committed, stamps.get(_position(seen)))
                                for seen in behind if seen.place not in known}
        return [Seen(seen.place, seen.at, seen.committed, seen.end,
                     self._stamps.get(seen.place, (0, None))[1], seen.owner) for seen in found]


def _require_known(standing: Mapping[Group, Standing]) -> None:
    for group, of in standing.items():
        if not group.topics and not of.committed:
            raise BrokerError(f"no group {group.name} has committed anything: see its name")


def _topics(group: Group, of: Standing) -> Iterable[str]:
    return group.topics or {topic for topic, _ in of.committed}


def _position(seen: Seen) -> tuple[str, int, int]:
    return seen.place.topic, seen.place.partition, seen.committed


def _standings(admin: Any, groups: list[Group], now: int) -> dict[Group, Standing]:
    names = [group.name for group in groups]
    if not names:
        return {}
    offsets = patiently(lambda: admin.list_group_offsets(names))
    described = patiently(lambda: admin.describe_groups(names))
    return {group: _standing(offsets[group.name], described[group.name]["members"], now)
            for group in groups}


def _standing(offsets: Mapping[Any, Any], members: list[Any], now: int) -> Standing:
    committed = {(at.topic, at.partition): found.offset for at, found in offsets.items()
                 if found.offset >= 0}
    noted = {(at.topic, at.partition): noted_owner(found.metadata, now)
             for at, found in offsets.items()}
    return Standing(committed, noted | owners(members))


def _logs(admin: Any, topics: set[str], bootstrap: str) -> dict[Partition, Log]:
    described = admin.describe_topics(sorted(topics)) if topics else []
    missing = [topic["name"] for topic in described if topic["error_code"] != 0]
    if missing:
        raise BrokerError(
            f"no topic {', '.join(missing)} at {bootstrap}: run `xueshi topics create`")
    places = [TopicPartition(topic["name"], one["partition_index"])
              for topic in described for one in topic["partitions"]]
    first = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
    end = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    return {(at.topic, at.partition): Log(first[at].offset, end[at].offset) for at in places}


def timestamps(
    bootstrap: str, wanted: Mapping[tuple[str, int, int], int]
) -> dict[tuple[str, int, int], int]:
    """By (topic, partition, offset) the timestamp, epoch ms, of the first record from there on,
    each looked for below the given end. There is none where only a transaction's marks stand.

    Raises:
        BrokerError: Kafka does not answer, or does not send the records within READ_PATIENCE_S.
    """
    address = health.reachable(bootstrap, READ_PATIENCE_S)
    if address is None:
        raise BrokerError(f"no Kafka answers at {bootstrap}")
    try:
        with closing(_consumer(address)) as consumer:
            return _read(consumer, wanted)
    except KafkaError as error:
        raise BrokerError(f"Kafka at {bootstrap}: {error}") from error


def _consumer(address: str) -> Any:
    return KafkaConsumer(
        **wire.client(address), client_id="xueshi-lag", enable_auto_commit=False,
        auto_offset_reset="earliest", allow_auto_create_topics=False,
        max_partition_fetch_bytes=FETCH_BYTES)


def _read(
    consumer: Any, wanted: Mapping[tuple[str, int, int], int]
) -> dict[tuple[str, int, int], int]:
    # A partition may be wanted from several groups' offsets: it is read once for each of them.
    found: dict[tuple[str, int, int], int] = {}
    while rest := {place: end for place, end in wanted.items() if place not in found}:
        by_partition = {TopicPartition(topic, partition): (offset, rest[topic, partition, offset])
                        for topic, partition, offset in rest}
        stamps = _first_of_each(consumer, by_partition)
        found |= {(*at, offset): stamps.get(at, -1) for at, (offset, _) in by_partition.items()}
    return {place: at for place, at in found.items() if at >= 0}


def _first_of_each(consumer: Any, starts: Mapping[Any, tuple[int, int]]) -> dict[Any, int]:
    """The timestamp of the first record of each partition in [start, end)."""
    consumer.assign(list(starts))
    consumer.resume(*starts)  # what an earlier round has paused stays so
    for place, (offset, _) in starts.items():
        consumer.seek(place, offset)
    deadline, waiting = time.monotonic() + READ_PATIENCE_S, set(starts)
    found: dict[Any, int] = {}
    while waiting:
        if time.monotonic() > deadline:
            raise BrokerError(f"Kafka did not send the records of {sorted(waiting)} in time")
        for place, records in consumer.poll(timeout_ms=200).items():
            found.setdefault(place, records[0].timestamp)
        done = {place for place in waiting
                if place in found or consumer.position(place) >= starts[place][1]}
        consumer.pause(*done)
        waiting -= done
    return found
