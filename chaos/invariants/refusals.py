"""Rejections: exactly those that follow from what lies on the topics, each with its place."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from audit.evidence import Stored
from chaos.invariants.broken import Broken
from chaos.load.expected import EventKey, Refusals
from chaos.load.judging import Judge, claims
from chaos.load.planting import refusal_of
from chaos.rows import Row, rows
from chaos.unreadable import UnreadableError
from pipeline.rules.programme import Catalogue

COLLECTOR = "collector"
NAME = "rejections exact"
IDENTITY = ("partition", "offset", "reason", "teacher_id", "resource_id", "session_id")
"""With the topic; a large one travels in several records, its `part` 0 and further ones."""
Place = tuple[str, int, int, str]
"""(short topic, partition, offset, reason)"""


class Judged(NamedTuple):
    """One topic's log: events to be refused by place, planted ones by reason, and what is there."""

    expected: Counter[Place]
    planted: Refusals
    present: set[EventKey]


def judged(topic: str, records: Iterable[Stored], catalogue: Catalogue | None = None) -> Judged:
    """What must be refused of a topic (short name). With a catalogue, records that were not
    planted are telemetry, and every claim in them is judged.
    """
    judge = Judge(catalogue) if catalogue else None
    out = Judged(Counter(), Counter(), set())
    for record in records:
        planted = refusal_of(record.key)
        if planted is not None:
            reason, count = planted
            out.expected[topic, record.partition, record.offset, reason] += count
            out.planted[topic, reason] += count
        elif judge:
            _judge(topic, record, judge, out)
    return out


def _judge(topic: str, record: Stored, judge: Judge, out: Judged) -> None:
    try:
        made = list(claims(record.value or b""))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{topic}: partition {record.partition}, offset {record.offset}:"
                              f" nothing that was planted, and no batch either") from error
    for claim in made:
        out.present.add((claim.session_id, claim.seq))
        if reason := judge.reason(claim):
            out.expected[topic, record.partition, record.offset, reason] += 1


class Found(NamedTuple):
    """What lies on `rejections` once repeats are left out: events by place, those of collectors
    by reason, and repeats that say otherwise.
    """

    by_place: Counter[Place]
    at_the_door: Refusals
    broken: list[Broken]


def found(records: Iterable[Stored], prefix: str) -> Found:
    """Of the records of `rejections`; what was planted there is left out."""
    seen: dict[tuple[Any, ...], Row] = {}
    out = Found(Counter(), Counter(), [])
    for said in rows(records):
        topic = said["topic"].removeprefix(prefix)
        identity = (topic, *(said.get(name) for name in IDENTITY), said.get("part", 0))
        if identity not in seen and not said.get("part"):
            _enter(out, topic, said)
        if _timeless(seen.setdefault(identity, said)) != _timeless(said):
            out.broken.append(Broken(NAME, str(identity), "a repeat says otherwise"))
    return out


def _timeless(said: Row) -> Row:
    """All but when it was refused, which a repeat may say anew."""
    return {name: value for name, value in said.items() if name != "at"}


def _enter(out: Found, topic: str, said: Row) -> None:
    count = said.get("count", 1)
    if topic.startswith(f"{COLLECTOR}:"):
        out.at_the_door[COLLECTOR, said["reason"]] += count
    else:
        out.by_place[topic, said["partition"], said["offset"], said["reason"]] += count


def inexact(
    expected: Counter[Place], at_the_door: Refusals, refused: Found
) -> Iterator[Broken]:
    """Where more or fewer events are refused than must be."""
    yield from refused.broken
    for place in sorted({*expected, *refused.by_place}):
        if expected[place] != refused.by_place[place]:
            topic, partition, offset, reason = place
            yield Broken(NAME, f"{topic}/{partition} at {offset}",
                         f"{refused.by_place[place]} events are refused as {reason},"
                         f" not {expected[place]}")
    for key in sorted({*at_the_door, *refused.at_the_door}):
        if at_the_door[key] != refused.at_the_door[key]:
            yield Broken(NAME, key[0], f"{refused.at_the_door[key]} events are refused as {key[1]},"
                         f" not {at_the_door[key]}")


def unpublished(
    refused: Found, planted_on_rejections: Refusals, published: Mapping[str, int]
) -> Iterator[Broken]:
    """The published count of each reason: all that lies on the topic, and its own garbage."""
    expected: Counter[str] = Counter()
    for (_, _, _, reason), count in refused.by_place.items():
        expected[reason] += count
    for (_, reason), count in (refused.at_the_door + planted_on_rejections).items():
        expected[reason] += count
    for reason in sorted({*expected, *published}):
        if expected[reason] != published.get(reason, 0):
            yield Broken("refusals published", reason,
                         f"{published.get(reason, 0)} events, not {expected[reason]}")
