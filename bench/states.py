"""The state of as many teachers as asked for, as workers would have left it in their changelogs.

What the rules keep of some hundred simulated teachers is written under everybody's names. How
stored state looks is known to `_records` alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, takewhile
from typing import Any, NamedTuple

import orjson

from bench.teachers import name, population
from pipeline.agents.changelog import take_over
from pipeline.agents.crediting import BOOK_CODEC, Book
from pipeline.agents.stored import encode_bucket
from pipeline.rules import credit, watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewer_values import dump_viewer
from pipeline.schemas.partitioning import bucket_of
from pipeline.schemas.topics import CREDITING_CHANGELOG, WATCHING_CHANGELOG, Topic
from pipeline.settings import Settings
from simulator.actions import Beat
from simulator.bulk import Arrival, arrivals
from simulator.world import make_world

PEOPLE = 300
BUCKETS_A_WRITE = 500
AFTER_ALL = 2**63
PLACES = {WATCHING_CHANGELOG: "viewer", CREDITING_CHANGELOG: "book"}


class Person(NamedTuple):
    """One teacher's state in both agents, as JSON values; `done`: programmes and resources."""

    viewer: Any
    book: Any
    done: frozenset[tuple[str, str]]


def people(
    catalogue: Catalogue, settings: Settings, beats_each: int, until: int = AFTER_ALL
) -> list[Person]:
    """What the rules keep of simulated teachers, of what was received before `until` (epoch ms)."""
    world = make_world(settings, PEOPLE, 7, PEOPLE * beats_each)
    viewers: dict[str, watching.Viewer] = defaultdict(watching.Viewer)
    done: dict[str, list[watching.Milestone]] = defaultdict(list)
    for arrival in takewhile(lambda one: one.at < until, arrivals(world)):
        news = _heard(viewers[arrival.teacher_id], catalogue, arrival)
        done[arrival.teacher_id] += [one for one in news if one.status == "done"]
    return [Person(dump_viewer(viewer, catalogue.clock), _book(done[i]), _places(done[i]))
            for i, viewer in viewers.items()]


def person(found: list[Person], number: int) -> Person:
    """Whose state the teacher of this number has."""
    return found[number % len(found)]


def _book(done: Iterable[watching.Milestone]) -> Any:
    book = Book()
    for one in done:
        credit.mark_done(book.account, one.programme_id, one.resource_id, one.at)
    return BOOK_CODEC.dump(book)


def _places(done: Iterable[watching.Milestone]) -> frozenset[tuple[str, str]]:
    return frozenset((one.programme_id, one.resource_id) for one in done)


def _heard(
    viewer: watching.Viewer, catalogue: Catalogue, arrival: Arrival
) -> list[watching.Milestone]:
    news: list[watching.Milestone] = []
    of_session = (arrival.resource_id, arrival.session_id, arrival.opened_at)
    for event in arrival.post.events:
        if isinstance(event, Beat):
            watching.hear(viewer, catalogue, watching.Heartbeat(
                *of_session, event.seq, arrival.at, event.start, event.end, event.rate), news)
        else:
            answers = {q: list(a) if isinstance(a, tuple) else a for q, a in event.answers.items()}
            watching.hand_in(viewer, catalogue, watching.QuizAnswers(
                *of_session, event.seq, arrival.at, event.quiz_id, answers), news)
    return news


async def fill(
    settings: Settings, found: list[Person], teachers: int, agents: Iterable[Topic] = tuple(PLACES)
) -> int:
    """Write both changelogs, or of some agents alone; their bytes."""
    written = 0
    for partition, numbers in enumerate(population(teachers, settings.partitions)):
        buckets: dict[int, list[int]] = defaultdict(list)
        for number in numbers:
            buckets[bucket_of(name(number), settings.partitions, settings.buckets)].append(number)
        for topic in agents:
            states = [orjson.dumps(getattr(one, PLACES[topic])) for one in found]
            written += await _fill(settings, settings.topic(topic.name), partition,
                                   _records(states, buckets))
    return written


async def _fill(
    settings: Settings, topic: str, partition: int, records: Iterator[tuple[bytes, bytes]]
) -> int:
    written = 0
    kafka = settings.kafka_bootstrap_servers or ""
    changelog, _ = await take_over(kafka, topic, partition)
    while some := dict(islice(records, BUCKETS_A_WRITE)):
        await changelog.write(some)
        written += sum(map(len, some.values()))
    await changelog.close()
    return written


def _records(
    states: list[bytes], buckets: Mapping[int, list[int]]
) -> Iterator[tuple[bytes, bytes]]:
    """A changelog's records, each a bucket of teachers: their numbers by the bucket's."""
    for bucket, numbers in buckets.items():
        teachers = {name(number): states[number % len(states)] for number in numbers}
        yield b"%d" % bucket, encode_bucket({}, teachers)
