"""How long a worker takes to read back the state of many teachers, and what memory it needs.

`python -m bench.recovery --teachers 1000000`: the states of some hundred simulated teachers at
the end of their summer are written under as many names as asked for; then a real worker starts.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

import click
import httpx
import psutil

from bench.states import fill, people
from bench.watching.worker import READ_BACK, read_back_s
from demo.environment import demo_settings, environment
from demo.processes import Process, running
from pipeline.broker import local, topics
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

PATIENCE_S = 300.0
RUNS = 3


class Figures(NamedTuple):
    """What was measured. Seconds from the start of the process until it answers."""

    teachers: int
    changelog_mb: float
    ready_s: float
    read_back_s: float
    memory_mb: float

    def __str__(self) -> str:
        return (f"{self.teachers:,} teachers, {self.changelog_mb:.0f} MB of changelog: answers "
                f"{self.ready_s:.1f} s after its start, read back in {self.read_back_s:.1f} s, "
                f"{self.memory_mb:.0f} MB of memory")


def start(settings: Settings, teachers: int, written: int) -> Figures:
    """Start a worker and wait until it answers for a teacher."""
    begun = time.monotonic()
    with running(["worker"], environment(settings), settings.var_dir / "logs") as (worker,):
        _wait(worker, lambda: _answers(settings))
        ready = time.monotonic() - begun
        memory = psutil.Process(worker.popen.pid).memory_info().rss / 2**20
        # It says so a moment after its first answer.
        _wait(worker, lambda: READ_BACK in worker.log.read_text("utf-8"))
        return Figures(teachers, written / 2**20, ready, read_back_s(worker.log), memory)


def _wait(worker: Process, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        worker.require_running()
        if time.monotonic() > deadline:
            raise click.ClickException(f"not ready after {PATIENCE_S:.0f} s: {worker.log}")
        time.sleep(0.05)


def _answers(settings: Settings) -> bool:
    url = f"http://127.0.0.1:{settings.worker_port}/v1/teachers/teacher-00000001/progress"
    key = {"Authorization": f"Bearer {settings.secret('platform_key')}"}
    try:
        return httpx.get(url, headers=key, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


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
