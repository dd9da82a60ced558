"""What it costs to write a bucket in its turn: encoding it, and its part of a transaction.

`python -m bench.buckets`: one teacher in each bucket of a partition is changed, and the buckets are
written as a flush writes them.
"""

import asyncio
import time
from statistics import median
from typing import NamedTuple

import click

from bench.own_kafka import own_kafka
from bench.states import fill, people
from bench.teachers import name, population
from pipeline.agents.changelog import Changelog, take_over
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.broker import topics
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.viewing import Viewing
from pipeline.schemas.topics import WATCHING_CHANGELOG
from pipeline.settings import Settings

BUCKETS = 4096
A_FLUSH = 300


class Cost(NamedTuple):
    """CPU microseconds and bytes of one bucket."""

    encoding_us: float
    writing_us: float
    size: float


async def measure(settings: Settings, teachers: int, heartbeats: int, runs: int) -> list[Cost]:
    """Fill the changelog, take one partition over, and write its buckets again and again."""
    catalogue = load_catalogue(settings.programmes_dir)
    found = people(catalogue, settings, heartbeats)
    await fill(settings, found, teachers, [WATCHING_CHANGELOG])
    changelog, table = await take_over(settings.kafka_bootstrap_servers or "",
                                       settings.topic(WATCHING_CHANGELOG.name), 0)
    shard = Shard(0, settings.partitions, settings.buckets, viewer_codec(catalogue.clock), table)
    mine = [name(number) for number in population(teachers, settings.partitions)[0]]
    costs = [await _write(shard, changelog, mine) for _ in range(runs)]
    await changelog.close()
    return costs


async def _write(shard: Shard[Viewing], changelog: Changelog, teachers: list[str]) -> Cost:
    """One teacher of each bucket is changed; by the flush, as many buckets as it may write."""
    for teacher_id in {shard.bucket_number(one): one for one in teachers}.values():
        shard.touch(teacher_id)
    encoding, writing, size, count = 0.0, 0.0, 0, len(shard.dirty)
    while shard.dirty:
        begun = time.process_time()
        records = shard.encode_some(A_FLUSH)
        encoded = time.process_time()
        await changelog.write(records)
        encoding, writing = encoding + encoded - begun, writing + time.process_time() - encoded
        size += sum(map(len, records.values()))
    return Cost(encoding / count * 1e6, writing / count * 1e6, size / count)


@click.command()
@click.option("--each", default=8, show_default=True, help="Teachers a bucket.")
@click.option("--heartbeats", default=500, show_default=True, help="Heartbeats behind each state.")
@click.option("--runs", default=5, show_default=True)
def buckets(each: int, heartbeats: int, runs: int) -> None:
    """Measure the writing of buckets."""
    with own_kafka("buckets") as (base, _):
        settings = base.model_copy(update={"buckets": BUCKETS})
        topics.create(settings.kafka_bootstrap_servers or "", settings)
        teachers = each * BUCKETS * settings.partitions
        costs = asyncio.run(measure(settings, teachers, heartbeats, runs))
    for title, figures in zip(Cost._fields, zip(*costs, strict=True), strict=True):
        click.echo(f"{title}: {median(figures):.1f} ({min(figures):.1f}–{max(figures):.1f})")


if __name__ == "__main__":
    buckets()
