"""The workers' state, moved teacher by teacher: nothing is decided again.

Until all of it stands in the new changelogs, they say `moving`, and a worker that is started too
early ends with a line that says so. The old topics are only read: they are the way back.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from math import gcd
from typing import Any

from pipeline.agents.changelog import Changelog, restore, take_over
from pipeline.agents.crediting import BOOK_UPGRADES
from pipeline.agents.shard import PROGRESS
from pipeline.agents.stored import MOVING, decode, encode, oldest, teachers_of
from pipeline.agents.viewer_codec import VIEWER_UPGRADES
from pipeline.broker.errors import BrokerError
from pipeline.repartition.copying import Move, outcomes
from pipeline.schemas.access import CHANGELOGS
from pipeline.schemas.partitioning import bucket_of, partition_of
from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    CREDITING_CHANGELOG,
    ENROLMENTS,
    TELEMETRY,
    WATCHING_CHANGELOG,
    Topic,
)

READ = {
    WATCHING_CHANGELOG: (TELEMETRY,),
    CREDITING_CHANGELOG: (COMPLETIONS, ENROLMENTS, ADJUSTMENTS),
}
UPGRADES = {WATCHING_CHANGELOG: VIEWER_UPGRADES, CREDITING_CHANGELOG: BOOK_UPGRADES}
BUCKETS = 500   # a transaction
Ends = Mapping[tuple[str, int], int]


@dataclass(slots=True)
class Moved:
    """One new partition of one agent: teachers' states by bucket, and what is to be sent."""

    buckets: dict[int, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    noted: list[tuple[str, str, str]] = field(default_factory=list)


async def mark(move: Move) -> None:
    """Say in every new changelog that it is being moved to."""
    for topic in CHANGELOGS:
        for partition in range(move.settings.partitions):
            log, _ = await take_over(move.address, move.settings.topic(topic.name), partition)
            await _write(log, {PROGRESS: MOVING})


async def require_decided(move: Move, ends: Ends) -> None:
    """The old workers have decided all there is; they are fenced, should one still live.

    Raises:
        BrokerError: they have not; the message says what to do.
    """
    for topic, inputs in READ.items():
        for partition in range(move.before):
            log, table = await take_over(move.address, move.old + topic.name, partition)
            await log.close()
            positions = _whole(_progress(topic, table.get(PROGRESS)))
            for one in inputs:
                _require(move, one, partition, positions, ends)


def _progress(topic: Topic, stored: bytes | None) -> dict[str, Any]:
    if stored is None:
        return {"positions": {}, "outcomes": []}
    return decode(stored, oldest(UPGRADES[topic]))


def _whole(progress: Mapping[str, Any]) -> Mapping[str, int]:
    """Up to where all of the input is in the buckets themselves."""
    found: Mapping[str, int] = progress.get("whole", progress["positions"])
    return found


def _require(
    move: Move, topic: Topic, partition: int, positions: Mapping[str, int], ends: Ends
) -> None:
    left = ends[topic.name, partition] - positions.get(topic.name, 0)
    if left > 0:
        raise BrokerError(
            f"{left} records of {move.old}{topic.name}[{partition}] are not decided yet: stop who "
            "writes there, let the old workers finish, stop them, and try again")


async def move_state(move: Move, new_ends: Ends) -> None:
    """Bring every teacher's state to the new changelogs; `new_ends` is where the input of the
    new workers begins. The very last step makes it hold.

    Raises:
        ChangelogError, KafkaError: it can be begun again.
    """
    noted: dict[tuple[Topic, int], list[tuple[str, str, str]]] = {}
    for topic in CHANGELOGS:
        for partition in range(move.settings.partitions):
            moved = await _moved(move, topic, partition)
            noted[topic, partition] = moved.noted
            log, _ = await take_over(move.address, move.settings.topic(topic.name), partition)
            await _write(log, *_written(moved))
    for (topic, partition), some in noted.items():
        positions = {one.name: new_ends[one.name, partition] for one in READ[topic]}
        log, _ = await take_over(move.address, move.settings.topic(topic.name), partition)
        await _write(log, {PROGRESS: encode({"positions": positions, "outcomes": some})})


async def _write(log: Changelog, *writes: Mapping[bytes, bytes]) -> None:
    try:
        for records in writes:
            await log.write(records)
    finally:
        await log.close()


async def _moved(move: Move, topic: Topic, partition: int) -> Moved:
    """What of the old partitions belongs to the new `partition`. Of the same hash's remainders
    only those can meet that agree modulo the common divisor.
    """
    found, step = Moved(), gcd(move.before, move.settings.partitions)
    for source in range(partition % step, move.before, step):
        table = await restore(move.address, move.old + topic.name, source, {})
        progress = _progress(topic, table.pop(PROGRESS, None))
        found.noted += [one for one in outcomes(progress["outcomes"], move)
                        if partition_of(one[1], move.settings.partitions) == partition]
        for bucket in table.values():
            _sort_in(move, found, partition, teachers_of(bucket, UPGRADES[topic]))
    return found


def _sort_in(move: Move, found: Moved, partition: int, teachers: Mapping[str, Any]) -> None:
    partitions, buckets = move.settings.partitions, move.settings.buckets
    for teacher_id, state in teachers.items():
        if partition_of(teacher_id, partitions) == partition:
            found.buckets[bucket_of(teacher_id, partitions, buckets)][teacher_id] = state


def _written(moved: Moved) -> Iterator[dict[bytes, bytes]]:
    rest = iter(moved.buckets.items())
    while some := dict(islice(rest, BUCKETS)):
        yield {b"%d" % number: encode({"teachers": teachers}) for number, teachers in some.items()}
