"""From end to end: players over HTTP, collector, worker and loader, all real, in real time.

A video lasts four heartbeats of 15 s, so that every fourth post completes one: far more than of
real videos, so crediting and loading have far more to do for a post than they will ever have.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import click
import duckdb
import psutil

from audit.evidence import stored
from bench.collector.load import ORIGIN
from bench.collector.measure import cpu_s, playing
from bench.path import programme
from bench.path.crowd import Placed
from bench.path.figures import Figures, percentile
from bench.path.ground import Ground, with_topics
from bench.path.part import Part, Work
from bench.path.players import Completing, Found, Job, Level, viewer_name
from bench.path.sending import fill
from bench.path.sightings import Commits, Looker, looking
from bench.path.traces import (
    STAGES,
    Trace,
    Whose,
    done,
    learned,
    percentiles,
    require_same,
    traces,
)
from demo.environment import environment
from demo.processes import Process, running
from pipeline.broker import lag, ports
from pipeline.clock import now_ms
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings

NAMES = ("collector", "worker", "loader")
FORMS = {
    "posts a second": ",.0f",
    "plays opened a second": ",.0f",
    "completions a second": ",.1f",
    "all posts → acknowledged, p50, ms": ",.1f",
    "all posts → acknowledged, p99, ms": ",.1f",
    **{f"post → {stage}, {name}, s": ",.3f" for stage in STAGES for name in ("p50", "p99")},
    **{f"cores: {name}": ",.2f" for name in (*NAMES, "kafka", "players")},
    "highest load found, posts a second": ",.0f",
}
BEATS = 4
CONNECTIONS = 200
FIRST_RATE, GROWTH, LEVELS, LEVEL_S = 200.0, 1.5, 9, 30.0
SLOWEST_ANSWER_S, SLOWEST_S = 1.0, 10.0   # p99 of a level that is sustained: answered; stored
DRAIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the players and the path made of a job; CPU seconds by process, a window each.
    """

    job: Job
    found: Found
    traces: list[Trace]
    cpu_s: list[dict[str, float]]


@contextmanager
def streaming(ground: Ground, beat_s: float = 15.0) -> Iterator[Work]:
    """Finds the rate once, if none was asked for; a run is a window of a path that goes on, as to
    start it and warm it up takes longer than to measure.
    """
    highest = None if ground.size.rate else ramp(ground, beat_s)
    rate = ground.size.rate or (highest or 0) / 2

    windows: list[Figures] = []

    def run() -> Figures:
        told = {"highest load found, posts a second": highest} if highest else {}
        if not windows:
            windows.extend(steady(ground, rate, beat_s))
        return {**windows.pop(0), **told}

    yield run


PART = Part("stream", FORMS, streaming)


def steady(ground: Ground, rate: float, beat_s: float) -> list[Figures]:
    """All windows at one rate. It warms up for one video: from then on some end at any time."""
    size = ground.size
    outcome = _stream(ground, beat_s, [Level(at_s=0, rate=rate)], BEATS * beat_s, size.seconds,
                      size.windows)
    require_taken(outcome.found)
    return [_figures(outcome, number) for number in range(size.windows)]


def _figures(outcome: Outcome, number: int) -> Figures:
    found, seconds = outcome.found, outcome.job.window_s
    since, until = outcome.job.window(number)
    took = [took * 1000 for at, took in found.latencies if since <= at < until]
    ways = [way for way in outcome.traces if since <= (way.due - found.began_at) / 1000 < until]
    return {"posts a second": len(took) / seconds,
            "plays opened a second": sum(since <= at < until for at in found.plays) / seconds,
            "completions a second": len(ways) / seconds,
            "all posts → acknowledged, p50, ms": percentile(took, 0.5),
            "all posts → acknowledged, p99, ms": percentile(took, 0.99),
            **percentiles(ways),
            **{f"cores: {name}": used / seconds for name, used in outcome.cpu_s[number].items()}}


def ramp(ground: Ground, beat_s: float) -> float:
    """The highest load, in posts a second, that all of the path sustains."""
    length_s = LEVEL_S * beat_s / 15
    levels = [Level(at_s=number * length_s, rate=FIRST_RATE * GROWTH ** number)
              for number in range(LEVELS)]
    outcome = _stream(ground, beat_s, levels, 0.0, LEVELS * length_s)
    highest = highest_sustained(outcome.found, outcome.traces, levels, length_s)
    click.echo(f"stream: sustained are {highest:,.0f} posts a second", err=True)
    return highest


def highest_sustained(
    found: Found, ways: Sequence[Trace], levels: Sequence[Level], length_s: float
) -> float:
    """The rate of the last level, from the first one on, whose second half was in time.

    Raises:
        ClickException: not even the first level was.
    """
    highest = None
    for level in levels:
        since, until = level.at_s + length_s / 2, level.at_s + length_s
        answers = [took for at, took in found.latencies if since <= at < until]
        ages = [(way.warehouse - way.due) / 1000 for way in ways
                if since <= (way.due - found.began_at) / 1000 < until]
        if found.overloaded_s is not None and found.overloaded_s < until:
            break
        if not _in_time(answers, SLOWEST_ANSWER_S) or (ages and not _in_time(ages, SLOWEST_S)):
            break
        highest = level.rate
    if highest is None:
        raise click.ClickException(f"not even {levels[0].rate:.0f} posts a second are sustained")
    return highest


def _in_time(values: list[float], slowest: float) -> bool:
    return bool(values) and percentile(values, 0.99) <= slowest


def _stream(
    ground: Ground, beat_s: float, levels: list[Level], warm_up_s: float, window_s: float,
    windows: int = 1,
) -> Outcome:
    """Play the levels on a path of its own, follow every completing heartbeat, and check that
    nothing is missing anywhere.
    """
    settings = _settings(ground, beat_s)
    job = Job(port=settings.collector_port, key=settings.secret("platform_key"),
              connections=CONNECTIONS, resources=programme.RESOURCES, beat_s=beat_s, beats=BEATS,
              levels=levels, from_s=warm_up_s, window_s=window_s, windows=windows,
              found=settings.var_dir / "found.json")
    with with_topics(settings, ground.kafka):
        _enrol(settings, ground.kafka, job.viewers)
        with looking(settings.ops_port or 0) as looker:
            found, used = _play(settings, ground, job, looker)
        return Outcome(job, found, _follow(settings, ground.kafka, job, found, looker), used)


def _settings(ground: Ground, beat_s: float) -> Settings:
    settings = ground.settings("stream")
    folder = settings.var_dir / "programmes"
    programme.write(folder, round(BEATS * beat_s), now_ms())
    return settings.model_copy(update={
        "programmes_dir": folder, "cors_origins": (ORIGIN,), "ops_port": ports.free()[0]})


def _enrol(settings: Settings, kafka: str, viewers: int) -> None:
    """They are enrolled before they begin, so that what they learn is credited at once."""
    names, at = map(viewer_name, range(viewers)), now_ms()
    fill(kafka, settings.topic("enrolments"), (
        Placed(partition_of(one, settings.partitions), one.encode(),
               Enrolment(teacher_id=one, programme_id=programme.ID, at=at).to_json())
        for one in names))


def _play(
    settings: Settings, ground: Ground, job: Job, looker: Looker
) -> tuple[Found, list[dict[str, float]]]:
    """Play, and wait until all that was completed is in the warehouse."""
    own = {"loader": {"XUESHI_OPS_PORT": str(settings.ops_port)}}
    told = environment(settings.model_copy(update={"ops_port": None}))
    with running(NAMES, told, settings.var_dir / "logs", own=own) as processes:
        _until_ready(settings, processes)
        found, used = _players(job, settings, _watched(processes, ground.broker))
        _until_stored(settings, ground.kafka, looker, processes)
    return found, used


def _until_ready(settings: Settings, processes: list[Process]) -> None:
    collector, worker, loader = processes
    collector.wait_ready(f"http://127.0.0.1:{settings.collector_port}/readyz")
    worker.wait_ready(f"http://127.0.0.1:{settings.worker_port}/v1/teachers/nobody/progress")
    loader.wait_ready(f"http://127.0.0.1:{settings.ops_port}/readyz")


def _watched(processes: list[Process], broker: int | None) -> dict[str, psutil.Process]:
    watched = {one.name: psutil.Process(one.popen.pid) for one in processes}
    return {**watched, "kafka": psutil.Process(broker)} if broker else watched


def _players(
    job: Job, settings: Settings, watched: dict[str, psutil.Process]
) -> tuple[Found, list[dict[str, float]]]:
    with playing("bench.path.players", job, settings) as players:
        each = {**watched, "players": psutil.Process(players.popen.pid)}
        players.expect("measuring")
        spent = [{name: cpu_s([one]) for name, one in each.items()}]
        for _ in range(job.windows):
            players.expect("measured")
            spent.append({name: cpu_s([one]) for name, one in each.items()})
    used = [{name: after[name] - before[name] for name in each}
            for before, after in pairwise(spent)]
    return Found.model_validate_json(job.found.read_bytes()), used


def _until_stored(
    settings: Settings, kafka: str, looker: Looker, processes: list[Process]
) -> None:
    """The worker has decided all there is, and the loader has been seen to commit what came of it,
    and once more, as `Commits` needs it.
    """
    deadline = time.monotonic() + DRAIN_S
    while time.monotonic() < deadline:
        for process in processes:
            process.require_running()
        if _behind(settings, kafka, looker) == 0:
            looks = len(looker.found)
            while len(looker.found) < looks + 2:
                time.sleep(0.1)
            return
        time.sleep(0.5)
    raise click.ClickException(f"not stored {DRAIN_S:.0f} s after the last post: "
                               f"{settings.var_dir / 'logs'}")


def _behind(settings: Settings, kafka: str, looker: Looker) -> int:
    taken = map(settings.topic, ("telemetry", "completions", "enrolments"))
    undecided = lag.behind(kafka, settings.topic("worker"), taken)
    ends, done_ = lag.ends(kafka, [settings.topic("ledger")]), looker.last.offsets
    return undecided + sum(end - done_.get(place, 0) for place, end in ends.items())


def require_taken(found: Found) -> None:
    """Every play was opened, and every post taken, all the time.

    Raises:
        ClickException: the collector refused something, or was too far behind.
    """
    if found.overloaded_s is not None or set(found.statuses) - {"201", "202"}:
        raise click.ClickException(f"the collector did not take all: {found.statuses}, given up "
                                   f"after {found.overloaded_s} s")


def _follow(
    settings: Settings, kafka: str, job: Job, found: Found, looker: Looker
) -> list[Trace]:
    """The ways of the completing heartbeats that were due while it was measured."""
    completions = done(stored(kafka, settings.topic("completions")))
    ledger = learned(stored(kafka, settings.topic("ledger")))
    require_same(found.completing, {"completions": completions, "ledger": ledger,
                                    "warehouse": _stored_in_warehouse(settings)})
    commits = Commits(settings.topic("ledger"), looker.found)
    return traces(_measured(job, found), completions, ledger, commits.at)


def _measured(job: Job, found: Found) -> list[Completing]:
    since = found.began_at + job.from_s * 1000
    return [one for one in found.completing if one.due_at >= since]


def _stored_in_warehouse(settings: Settings) -> list[Whose]:
    """Raises ClickException: something is there twice."""
    with duckdb.connect(settings.warehouse_path, read_only=True) as db:
        rows = db.execute("""
            SELECT teacher_id, resource_id FROM ledger WHERE kind = 'learned'""").fetchall()
    if len(set(rows)) != len(rows):
        raise click.ClickException("the warehouse has something twice")
    return rows
