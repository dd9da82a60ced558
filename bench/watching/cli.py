"""Measure what decides telemetry: `python -m bench.watching run` and `… growth`.

Engine, Kafka and harness share the machine, so events per CPU-second of the engine, user and
system, from its start to its end, are the figure to go by.
"""

import signal
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import click

from bench.figures import keep
from bench.own_kafka import own_kafka
from bench.watching import growth as growing
from bench.watching.load import Asked, load
from bench.watching.peers import Missing, find
from bench.watching.table import LIBRARIES, table, told
from bench.watching.track import Engine, Run, Track
from bench.watching.worker import Worker
from pipeline.settings import Settings

OWN = {one.name: one for one in (Worker(), Worker("xueshi-whole", alone=False))}
ENGINES = "xueshi,floor,kafka-streams,flink,quix,bytewax-teacher,bytewax-partition,pathway"
SIZES = "10000,100000,1000000,10000000"


def _names(_: click.Context, __: click.Parameter, value: str) -> list[str]:
    return [name for name in value.split(",") if name]


def _sizes(_: click.Context, __: click.Parameter, value: str) -> list[int]:
    return [int(size) for size in value.split(",")]


LOAD = (
    click.option("--events", type=click.IntRange(1), default=45_000_000, show_default=True),
    click.option("--partitions", type=click.IntRange(1), default=8, show_default=True),
    click.option("--record-events", type=click.IntRange(1, 10_000), default=250,
                 show_default=True, help="Heartbeats a record."),
    click.option("--seed", type=int, default=1, show_default=True),
    click.option("--patience", type=float, default=3600.0, show_default=True,
                 help="Seconds after which an engine is killed."),
    click.option("--json", "kept", type=click.Path(path_type=Path),
                 help="Where all figures go, after each run."),
)


def _load_options(command: Any) -> Any:
    for option in reversed(LOAD):
        command = option(command)
    return command


@click.group()
def watching() -> None:
    """Measure full views: events per CPU-second of xueshi's worker and of others."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and clean up


@watching.command()
@_load_options
@click.option("--teachers", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--active", type=click.IntRange(1), help="At their players at once.  [default: a "
              "tenth of the teachers]")
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True,
              help="Of each engine, in turns.")
@click.option("--engines", callback=_names, default=ENGINES, show_default=True)
@click.option("--slow", type=click.IntRange(1), default=8_000_000, show_default=True,
              help="Events that slow engines read, of the beginning.")
@click.option("--slow-engines", callback=_names, default="", help="Which those are.")
@click.option("--stopped", callback=_names, default="", help="Engines that cannot know that they "
              "are at the end: their offsets are watched, and they get SIGTERM.")
def run(
    events: int, partitions: int, record_events: int, seed: int, patience: float,
    kept: Path | None, **asked: Any,
) -> None:
    """Run each engine over the same evening, in turns, and check what it has found."""
    engines = list(_found(asked))
    if not engines:
        raise click.ClickException("no engine to measure")
    teachers, active = asked["teachers"], asked["active"] or max(1, asked["teachers"] // 10)
    prefixes = (asked["slow"],) if asked["slow_engines"] else ()
    wanted = Asked(teachers, active, events, partitions, record_events, seed, prefixes)
    done: list[Run] = []
    with _track(wanted, patience) as track:
        for number, engine in product(range(1, asked["runs"] + 1), engines):
            done.append(_run(engine, track, number))
            if kept is not None:
                keep(kept, LIBRARIES, {**asked, **_as_told(wanted, track)}, [*map(told, done)])
    click.echo(table(done))
    if any(one.fault for one in done):
        raise click.ClickException("not every run has found what is true")


def _found(asked: dict[str, Any]) -> Iterator[Engine]:
    for name in asked["engines"]:
        slow = asked["slow"] if name in asked["slow_engines"] else None
        own = OWN.get(name)
        engine = own or find(name, name in asked["stopped"], slow)
        if isinstance(engine, Missing):
            click.echo(f"{engine.name} is left out: {engine.why}", err=True)
        else:
            yield engine


@contextmanager
def _track(wanted: Asked, patience: float) -> Iterator[Track]:
    with own_kafka("watching") as (base, _):
        settings = base.model_copy(update={
            "topic_prefix": f"bench-{uuid.uuid4().hex[:8]}.", "partitions": wanted.partitions})
        yield _loaded(settings, wanted, patience)


def _loaded(settings: Settings, wanted: Asked, patience: float) -> Track:
    begun = time.monotonic()
    track = load(settings, wanted, patience)
    whole, took = track.truth.whole, time.monotonic() - begun
    click.echo(f"loaded {whole.events:,} events in {took:.0f} s: {len(track.truth.full):,} full "
               f"views, {len(track.truth.done):,} done", err=True)
    return track


def _as_told(wanted: Asked, track: Track) -> dict[str, Any]:
    return {"active": wanted.active, "record_events": wanted.record_events, "seed": wanted.seed,
            "partitions": wanted.partitions, "events": track.truth.whole.events,
            "full_views": len(track.truth.full), "done": len(track.truth.done)}


def _run(engine: Engine, track: Track, number: int) -> Run:
    one = engine.run(track, number)
    click.echo(f"{number}: {one.engine}: {one.events_per_cpu_s:,.0f} events per CPU-second, "
               f"{one.cost.wall_s:,.1f} s, {one.cost.memory_mb:,.0f} MiB"
               + (f", void: {one.fault}" if one.fault else ""), err=True)
    return one


@watching.command()
@_load_options
@click.option("--sizes", callback=_sizes, default=SIZES, show_default=True,
              help="Teachers whose state the worker has.")
@click.option("--heartbeats", default=500, show_default=True, help="Heartbeats behind each state.")
@click.option("--buckets", type=click.IntRange(1), help="Of state a partition.  [default: the "
              "setting's]")
def growth(
    sizes: Sequence[int], heartbeats: int, buckets: int | None, patience: float,
    kept: Path | None, **asked: Any,
) -> None:
    """Run xueshi's worker over an evening of a tenth of ever more teachers."""
    done: list[growing.Growth] = []
    with own_kafka("growth") as (base, _):
        own = base.model_copy(update={"partitions": asked["partitions"],
                                      "buckets": buckets or base.buckets})
        for size in sizes:
            wanted = Asked(size, max(1, size // 10), begins_at=growing.BEGINS_AT, **asked)
            done.append(growing.measure(own, wanted, heartbeats, patience))
            click.echo(done[-1], err=True)
            if kept is not None:
                keep(kept, LIBRARIES, {**asked, "heartbeats": heartbeats, "buckets": own.buckets},
                     [*map(growing.told, done)])
    click.echo(growing.table(done))
    if any(one.fault for one in done):
        raise click.ClickException("not every run has found what is true")


