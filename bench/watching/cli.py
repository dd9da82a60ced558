"""Measure what decides telemetry: `python -m bench.watching run`, `… growth` and `… restart`.

Engine, Kafka and harness share the machine, so events per CPU-second of the engine, user and
system, from its start to its end, are the figure to go by.
"""

import signal
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import click

from bench.figures import keep, spread
from bench.own_kafka import own_kafka
from bench.watching import growth as growing
from bench.watching import restart as restarting
from bench.watching.lengths import length, of_loads
from bench.watching.load import Asked, load
from bench.watching.peers import Missing, Peer, find
from bench.watching.table import LIBRARIES, table, told
from bench.watching.track import Engine, Run, Track
from bench.watching.worker import Worker
from pipeline.settings import Settings

OWN = {"xueshi": partial(Worker, "xueshi"),
       "xueshi-whole": partial(Worker, "xueshi-whole", alone=False)}
ENGINES = ("xueshi,floor,floor-plain,kafka-streams,flink,quix,quix-10s,bytewax-teacher,"
           "bytewax-teacher-10s,bytewax-partition,pathway")
SIZES = "10000,100000,1000000,10000000"


def _names(_: click.Context, __: click.Parameter, value: str) -> list[str]:
    return [name for name in value.split(",") if name]


def _sizes(_: click.Context, __: click.Parameter, value: str) -> list[int]:
    return [int(size) for size in value.split(",")]


LOAD = (
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
@click.option("--events", type=click.IntRange(1), help="That each engine reads.  [default: so many "
              "that it takes a minute and more]")
@click.option("--teachers", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--active", type=click.IntRange(1), help="At their players at once.  [default: a "
              "tenth of the teachers]")
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True,
              help="Of each engine, in turns.")
@click.option("--engines", callback=_names, default=ENGINES, show_default=True)
@click.option("--stopped", callback=_names, default="", help="Engines that cannot know that they "
              "are at the end: their offsets are watched, and they get SIGTERM.")
def run(patience: float, kept: Path | None, **asked: Any) -> None:
    """Run each engine over the same evening, in turns, and check what it has found. Slower ones
    read less of it. Some hour and a half, if nothing else is asked for.
    """
    engines = list(_found(asked))
    if not engines:
        raise click.ClickException("no engine to measure")
    turns = [*product(range(1, asked["runs"] + 1), engines)]
    done: list[Run] = []
    with _tracks(engines, asked, patience) as tracks:
        for number, engine in turns:
            place = f"{len(done) + 1}/{len(turns)}"
            done.append(_run(engine, tracks[engine.name], number, place))
            if kept is not None:
                loads = {name: _as_told(track) for name, track in tracks.items()}
                keep(kept, LIBRARIES, {**asked, "loads": loads}, [*map(told, done)])
    click.echo(table(done))
    if any(one.fault for one in done):
        raise click.ClickException("not every run has found what is true")


def _found(asked: dict[str, Any]) -> Iterator[Worker | Peer]:
    for name in asked["engines"]:
        events = asked["events"] or length(name)
        engine = OWN[name](events) if name in OWN else find(name, events, name in asked["stopped"])
        if isinstance(engine, Missing):
            click.echo(f"{engine.name} is left out: {engine.why}", err=True)
        else:
            yield engine


@contextmanager
def _tracks(
    engines: Sequence[Worker | Peer], asked: dict[str, Any], patience: float
) -> Iterator[dict[str, Track]]:
    """By engine."""
    lengths = of_loads(engines)
    with own_kafka("watching") as (base, _):
        by_length = {events: _loaded(base, _wanted(events, engines, asked), patience)
                     for events in sorted({*lengths.values()})}
        yield {name: by_length[events] for name, events in lengths.items()}


def _wanted(events: int, engines: Sequence[Worker | Peer], asked: dict[str, Any]) -> Asked:
    prefixes = {one.events for one in engines if one.events < events}
    return Asked(asked["teachers"], asked["active"] or max(1, asked["teachers"] // 10), events,
                 asked["partitions"], asked["record_events"], asked["seed"], tuple(prefixes))


def _loaded(base: Settings, wanted: Asked, patience: float) -> Track:
    begun = time.monotonic()
    settings = base.model_copy(update={
        "topic_prefix": f"bench-{uuid.uuid4().hex[:8]}.", "partitions": wanted.partitions})
    track = load(settings, wanted, patience)
    whole, took = track.truth.whole, time.monotonic() - begun
    click.echo(f"loaded {whole.events:,} events in {took:.0f} s: {len(track.truth.full):,} full "
               f"views, {len(track.truth.done):,} done", err=True)
    return track


def _as_told(track: Track) -> dict[str, int]:
    return {"events": track.truth.whole.events, "full_views": len(track.truth.full),
            "done": len(track.truth.done)}


def _run(engine: Engine, track: Track, number: int, place: str) -> Run:
    one = engine.run(track, number)
    click.echo(f"{place}: {one.engine}: {one.events_per_cpu_s:,.0f} events per CPU-second, "
               f"{one.events:,} in {one.cost.wall_s:,.1f} s, {one.cost.memory_mb:,.0f} MiB"
               + (f", void: {one.fault}" if one.fault else ""), err=True)
    return one


@watching.command()
@_load_options
@click.option("--events", type=click.IntRange(1), default=5_000_000, show_default=True)
@click.option("--sizes", callback=_sizes, default=SIZES, show_default=True,
              help="Teachers whose state the worker has.")
@click.option("--at-once", type=click.IntRange(1), help="At their players at once, of each size: "
              "tells what those cost from what the states do.  [default: one in 50 of all]")
@click.option("--heartbeats", default=500, show_default=True, help="Heartbeats behind each state.")
def growth(
    sizes: Sequence[int], heartbeats: int, patience: float, kept: Path | None, **asked: Any
) -> None:
    """Run xueshi's worker with the states of ever more teachers, who all come in turn."""
    done: list[growing.Growth] = []
    with own_kafka("growth") as (base, _):
        own = base.model_copy(update={"partitions": asked["partitions"]})
        for size in sizes:
            wanted = growing.evening(size, **asked)
            done.append(growing.measure(own, wanted, heartbeats, patience))
            click.echo(done[-1], err=True)
            if kept is not None:
                keep(kept, LIBRARIES, {**asked, "heartbeats": heartbeats},
                     [*map(growing.told, done)])
    click.echo(growing.table(done))
    if any(one.fault for one in done):
        raise click.ClickException("not every run has found what is true")


@watching.command()
@_load_options
@click.option("--teachers", type=click.IntRange(1), default=2_000_000, show_default=True,
              help="Whose state the worker has: an eighth of a country's.")
@click.option("--at-once", type=click.IntRange(1), default=200_000, show_default=True,
              help="At their players at once.")
@click.option("--events", type=click.IntRange(1), default=1_600_000, show_default=True,
              help="Decided when it is killed: two minutes of theirs.")
@click.option("--heartbeats", default=500, show_default=True, help="Heartbeats behind each state.")
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True)
def restart(runs: int, heartbeats: int, patience: float, kept: Path | None, **asked: Any) -> None:
    """Kill xueshi's worker before what it has decided is written into all states, and start
    another.
    """
    done: list[restarting.Restart] = []
    with own_kafka("restart") as (base, _):
        own = base.model_copy(update={"partitions": asked["partitions"]})
        for _ in range(runs):
            wanted = growing.evening(**asked)
            done.append(restarting.measure(own, wanted, heartbeats, patience))
            click.echo(done[-1], err=True)
            if kept is not None:
                keep(kept, LIBRARIES, {**asked, "heartbeats": heartbeats, "runs": runs},
                     [*map(restarting.told, done)])
    click.echo(f"back in {spread([one.read_back_s for one in done], '.1f')} s")
    if any(one.fault for one in done):
        raise click.ClickException("not every run has found what is true")
