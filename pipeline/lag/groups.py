"""Who reads what: the consumers of the path, and how each of them shows where it stands."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    ENROLMENTS,
    LEDGER,
    REJECTIONS,
    ROSTER_TOPIC,
    TELEMETRY,
)
from pipeline.settings import Settings

Partition = tuple[str, int]
"""Full topic name and partition."""

FRESH_MS = 30_000   # a note of life is written every ten seconds (warehouse/notes.py)


class Group(NamedTuple):
    """A consumer group. `topics`: full names; () stands for those that it has committed."""

    name: str
    topics: tuple[str, ...] = ()


class Note(BaseModel):
    """What a consumer that keeps its offsets elsewhere writes beside those it tells Kafka.

    `by`: host and process id; `at`: epoch ms.
    """

    by: str
    at: int


def worker_group(settings: Settings) -> Group:
    read = (TELEMETRY, ENROLMENTS, ADJUSTMENTS, COMPLETIONS)
    return Group(settings.topic("worker"), tuple(settings.topic(topic.name) for topic in read))


def loader_group(settings: Settings) -> Group:
    """The loader's place is in DuckDB, with its rows; Kafka is told of it (warehouse/notes.py)."""
    read = (LEDGER, ROSTER_TOPIC, REJECTIONS)
    return Group(settings.topic("loader"), tuple(settings.topic(topic.name) for topic in read))


def publisher_group(settings: Settings) -> Group:
    """No group of Kafka's: what is in the published files, by their manifest."""
    return Group(settings.topic("publisher"), loader_group(settings).topics)


def owners(members: Iterable[Mapping[str, Any]]) -> dict[Partition, str]:
    """Who has which partition, from the members of a described group."""
    found = {}
    for member in members:
        for topic, partitions in _assigned(member):
            for partition in partitions:
                found[topic, partition] = f"{member['client_id']}{member['client_host']}"
    return found


def _assigned(member: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[int]]]:
    """Its topics with their partitions; nothing while the group is being put together."""
    assignment = member["member_assignment"]
    if not isinstance(assignment, Mapping):
        return []
    return [(of["topic"], of["partitions"]) for of in assignment["assigned_partitions"]]


def noted_owner(metadata: str | None, now: int) -> str:
    """Who has written a note within FRESH_MS; "" if nobody has."""
    try:
        note = Note.model_validate_json(metadata or "")
    except ValidationError:
        return ""
    return note.by if now - note.at <= FRESH_MS else ""
