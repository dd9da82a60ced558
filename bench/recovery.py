"""How long a worker takes to read back the state of many teachers, and what memory it needs.

`python -m bench.recovery --teachers 1000000`: the states of some hundred simulated teachers at
the end of their summer are written under as many names as asked for; then a real worker starts.
"""

import asyncio
import itertools
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
import psutil

from demo.environment import demo_settings, environment
from demo.processes import running
from pipeline.agents.changelog import take_over
from pipeline.agents.crediting import BOOK_CODEC, Book
from pipeline.agents.shard import encode
from pipeline.agents.viewer_codec import dump_viewer
from pipeline.broker import local, topics
from pipeline.rules import credit, watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import bucket_of, partition_of
from pipeline.settings import Settings
from simulator.actions import Beat
from simulator.bulk import Arrival, arrivals
from simulator.world import make_world

PEOPLE = 300
BUCKETS_A_WRITE = 500
PATIENCE_S = 300.0
RUNS = 3


class Person(NamedTuple):
    """One teacher's state in both agents, as JSON values."""

    viewer: Any
    book: Any


class Figures(NamedTuple):
    """What was measured. Seconds from the start of the process until it answers."""

    teachers: int
    changelog_mb: float
    ready_s: float
    read_back: str
    memory_mb: float

    def __str__(self) -> str:
        return (f"{self.teachers:,} teachers, {self.changelog_mb:.0f} MB of changelog: answers "
                f"{self.ready_s:.1f} s after its start, read back in {self.read_back}, "
                f"{self.memory_mb:.0f} MB of memory")


def people(catalogue: Catalogue, settings: Settings, beats_each: int) -> list[Person]:
    """What the rules keep of simulated teachers."""
    world = make_world(settings, PEOPLE, 7, PEOPLE * beats_each)
    viewers: dict[str, watching.Viewer] = defaultdict(watching.Viewer)
    books: dict[str, Book] = defaultdict(Book)
    for arrival in arrivals(world):
        for one in _heard(viewers[arrival.teacher_id], catalogue, arrival):
            if one.status == "done":
                account = books[arrival.teacher_id].account
                credit.mark_done(account, one.programme_id, one.resource_id, one.at)
    return [Person(dump_viewer(viewer, catalogue.clock), BOOK_CODEC.dump(books[i]))
            for i, viewer in viewers.items()]


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


async def fill(settings: Settings, found: list[Person], teachers: int) -> int:
    """Write both changelogs; their bytes."""
    names = (f"teacher-{number:08d}" for number in range(teachers))
    places: dict[int, dict[int, dict[str, Person]]] = defaultdict(lambda: defaultdict(dict))
    for name, person in zip(names, itertools.cycle(found), strict=False):
        bucket = bucket_of(name, settings.partitions, settings.buckets)
        places[partition_of(name, settings.partitions)][bucket][name] = person
    return sum([await _fill_partition(settings, partition, buckets)
                for partition, buckets in places.items()])


async def _fill_partition(
    settings: Settings, partition: int, buckets: Mapping[int, Mapping[str, Person]]
) -> int:
    written = 0
    for place, topic in enumerate(("watching-changelog", "crediting-changelog")):
        kafka = settings.kafka_bootstrap_servers or ""
        changelog, _ = await take_over(kafka, settings.topic(topic), partition)
        for some in _batched(buckets.items(), BUCKETS_A_WRITE):
            records = {b"%d" % number: encode({"teachers": {n: p[place] for n, p in one.items()}})
                       for number, one in some}
            await changelog.write(records)
            written += sum(map(len, records.values()))
        await changelog.close()
    return written


def _batched(items: Any, size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(itertools.islice(rest, size)):
        yield some


def start(settings: Settings, teachers: int, written: int) -> Figures:
    """Start a worker and wait until it answers for a teacher."""
    begun = time.monotonic()
    with running(["worker"], environment(settings), settings.var_dir / "logs") as (worker,):
        while not _answers(settings):
            worker.require_running()
            if time.monotonic() - begun > PATIENCE_S:
                raise click.ClickException(f"not ready after {PATIENCE_S:.0f} s: {worker.log}")
            time.sleep(0.05)
        ready = time.monotonic() - begun
        memory = psutil.Process(worker.popen.pid).memory_info().rss / 2**20
        return Figures(teachers, written / 2**20, ready, _said(worker.log), memory)


def _answers(settings: Settings) -> bool:
    url = f"http://127.0.0.1:{settings.worker_port}/v1/teachers/teacher-00000001/progress"
    key = {"Authorization": f"Bearer {settings.secret('platform_key')}"}
    try:
        return httpx.get(url, headers=key, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _said(log: Path) -> str:
    return next(line.split("read back in ")[1] for line in log.read_text("utf-8").splitlines()
                if "read back in" in line)


@click.command()
@click.option("--teachers", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--heartbeats", default=500, show_default=True, help="Heartbeats behind each state.")
def recovery(teachers: int, heartbeats: int) -> None:
    """Measure a worker's take-over of the state of many teachers."""
    base = Settings()
    kafka = local.bootstrap(base)
    settings = demo_settings(base, kafka, f"recovery-{uuid.uuid4().hex[:8]}")
    topics.create(kafka, settings)
    try:
        found = people(load_catalogue(settings.programmes_dir), settings, heartbeats)
        written = asyncio.run(fill(settings, found, teachers))
        for _ in range(RUNS):
            click.echo(start(settings, teachers, written))
    finally:
        topics.delete(kafka, settings.topic_prefix)


if __name__ == "__main__":
    recovery()
