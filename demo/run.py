"""The main job, once: start everything, play, wait until it is published, report, check."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from demo.draining import wait_until_published
from demo.environment import demo_settings, environment
from demo.processes import Process, running
from demo.screen import Screen
from demo.workers_table import read_table
from pipeline.broker import local, topics
from pipeline.settings import Settings
from simulator.comparison import Actual, Difference, compare
from simulator.play import PlayResult, play
from simulator.truth import TeacherTruth
from warehouse.teachers import published_teachers, refusals

PROCESSES = ["collector", "worker", "loader", "publisher"]
PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Order:
    """How much is played. Heartbeats are a minimum."""

    teachers: int
    heartbeats: int
    seed: int


def run(base: Settings, order: Order, screen: Screen) -> list[Difference]:
    """Run the demo; what differs from the truth, [] if nothing does.

    Raises:
        BrokerError, ProcessError, NotDrainedError, CollectorAwayError, WarehouseError:
            something on the path does not work; the message says what.
    """
    with _kafka(base) as kafka:
        run_id = f"{order.seed}-{time.monotonic_ns()}"
        settings = demo_settings(base, kafka, run_id)
        topics.create(kafka, settings)
        try:
            with running(PROCESSES, environment(settings), settings.var_dir / "logs") as started:
                return _on(settings, kafka, order, screen, started)
        finally:
            topics.delete(kafka, settings.topic_prefix)


@contextmanager
def _kafka(base: Settings) -> Iterator[str]:
    """The broker; one that was not running before is stopped afterwards."""
    was_up = local.status(base).up
    yield local.bootstrap(base)
    if not was_up:
        local.stop(base)


def _on(
    settings: Settings, kafka: str, order: Order, screen: Screen, started: list[Process]
) -> list[Difference]:
    _wait_until_ready(settings, started)
    played, play_s = _play(settings, order, screen)
    drain_s = _drain(settings, kafka, screen, started)
    screen.report(_report(settings, played.truth))
    screen.throughput(played.tally, play_s, drain_s)
    screen.refusals(played.tally, refusals(settings.published_dir))
    return _check(settings, played, screen)


def _wait_until_ready(settings: Settings, started: list[Process]) -> None:
    collector, worker, *_ = started
    collector.wait_ready(f"{_url(settings.collector_port)}/readyz")
    worker.wait_ready(f"{_url(settings.worker_port)}/v1/teachers/nobody/progress")


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _play(settings: Settings, order: Order, screen: Screen) -> tuple[PlayResult, float]:
    begun = time.monotonic()
    with screen.playing(order.heartbeats) as on_progress:
        played = asyncio.run(play(settings, _url(settings.collector_port), order.teachers,
                                  order.seed, order.heartbeats, on_progress))
    return played, time.monotonic() - begun


def _drain(settings: Settings, kafka: str, screen: Screen, started: list[Process]) -> float:
    begun = time.monotonic()
    with screen.draining() as show:

        def look(to_decide: int, to_publish: int) -> None:
            for process in started:
                process.require_running()
            show(to_decide, to_publish)

        wait_until_published(settings, kafka, look, PATIENCE_S)
    return time.monotonic() - begun


def _report(settings: Settings, truth: tuple[TeacherTruth, ...]) -> str:
    """The report of the district with the most teachers, as `xueshi report` prints it."""
    districts = [teacher.school_id[1:7] for teacher in truth]  # s110101-001
    district = max(sorted(set(districts)), key=districts.count)
    done = subprocess.run([sys.executable, "-m", "pipeline", "report", district],
                          env=environment(settings), capture_output=True, text=True, check=True)
    return done.stdout


def _check(settings: Settings, played: PlayResult, screen: Screen) -> list[Difference]:
    """Both copies of every teacher's figures against the truth."""
    teachers = [teacher.teacher_id for teacher in played.truth]
    served = asyncio.run(read_table(_url(settings.worker_port),
                                    settings.secret("platform_key"), teachers))
    published = published_teachers(settings.published_dir)
    differences = [*compare(played.truth, served),
                   *compare(played.truth, Actual(published.courses, published.recognised))]
    screen.verdict(played, differences, settings)
    return differences
