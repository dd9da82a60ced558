"""Measure the collector: `python -m bench.collector`.

The collector, Kafka and the generator share the machine, so what a second of wall clock brings
says as much of the other two: posts per CPU-second of the collector is the figure to go by.
"""

import uuid
from itertools import product
from pathlib import Path
from typing import Any

import click

from bench.collector.generator import Job
from bench.collector.measure import Source, measure, stored
from bench.collector.measure import collector as started
from bench.collector.table import LIBRARIES, Run, table, told
from bench.figures import keep
from bench.own_kafka import own_kafka
from pipeline.broker import topics
from pipeline.clock import now_ms
from pipeline.settings import ROOT, Settings

FEWEST_RUNS = 5


@click.command()
@click.option("--runs", type=click.IntRange(1), default=FEWEST_RUNS, show_default=True,
              help="Of each version, in turns.")
@click.option("--seconds", type=float, default=6.0, show_default=True, help="Measured in each.")
@click.option("--warm-up", type=float, default=3.0, show_default=True, help="Seconds before that.")
@click.option("--connections", type=click.IntRange(1), default=500, show_default=True)
@click.option("--sessions", type=click.IntRange(1), default=75_000, show_default=True,
              help="Plays, each with its own teacher and token, that take turns.")
@click.option("--rate", type=click.FloatRange(1), help="Posts a second of the second load, the "
              "same for all versions.  [default: half of each one's highest]")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
@click.option("--against", multiple=True, metavar="NAME=FOLDER",
              help="Another version's folder, to be measured in turns with this one.")
@click.option("--json", "kept", type=click.Path(path_type=Path), help="Where all figures go.")
def collector(
    runs: int, processes: int, against: tuple[str, ...], kept: Path | None, **asked: Any
) -> None:
    """Measure posts per CPU-second, latency and memory of the real collector over real Kafka."""
    sources = [*(_source(one) for one in against), Source("now", ROOT, processes)]
    done: list[Run] = []
    with own_kafka("collector") as (settings, broker):
        for number, source in product(range(runs), sources):
            done.append(_run(source, settings, broker, asked, number))
            if kept is not None:  # each time, as a long measurement may be broken off
                keep(kept, LIBRARIES, {**asked, "processes": processes}, [*map(told, done)])
    click.echo(table(done))


def _source(given: str) -> Source:
    name, _, folder = given.partition("=")
    return Source(name, Path(folder).resolve())


def _run(
    source: Source, base: Settings, broker: int | None, asked: dict[str, Any], seed: int
) -> Run:
    settings = base.model_copy(update={"topic_prefix": f"bench-{uuid.uuid4().hex[:8]}."})
    servers = str(settings.kafka_bootstrap_servers)
    topics.create(servers, settings)
    try:
        with started(source, settings) as process:
            job = _job(settings, asked, seed)
            full = measure(job, settings, process, broker)
            halved = job.model_copy(update={"rate": asked["rate"] or full.posts_per_s / 2})
            run = Run(source.name, full, measure(halved, settings, process, broker))
        _require_honest(run, settings)
        click.echo(f"{source.name}: {full.posts_per_cpu_s:,.0f} posts per CPU-second, "
                   f"{full.posts_per_s:,.0f} a second", err=True)
        return run
    finally:
        topics.delete(servers, settings.topic_prefix)


def _job(settings: Settings, asked: dict[str, Any], seed: int) -> Job:
    return Job(port=settings.collector_port, connections=asked["connections"],
               sessions=asked["sessions"], opened_at=now_ms(), seed=seed,
               warm_up_s=asked["warm_up"], seconds=asked["seconds"], rate=None)


def _require_honest(run: Run, settings: Settings) -> None:
    """Every post was taken, and every event that was acknowledged is on Kafka."""
    acknowledged = run.full.found.all_events + run.half.found.all_events
    if set(run.full.found.statuses) | set(run.half.found.statuses) != {202}:
        raise click.ClickException(f"not all were 202: {run.full.found.statuses}")
    if (found := stored(settings)) < acknowledged:
        raise click.ClickException(f"{acknowledged} events acknowledged, {found} on Kafka")
