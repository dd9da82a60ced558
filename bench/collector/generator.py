"""The players, in a process of their own: `python -m bench.collector.generator < job.json`.

Prints "measuring"
when the warm-up is over, then one line of JSON with what was found.

With a `rate`, posts are due at even times whatever the collector does, and a post's time counts
from when it was due, so that a stall is seen in full. Without one, each connection posts as soon
as it has its answer: the most that this many connections can bring.
"""

import asyncio
import resource
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from time import monotonic
from typing import NamedTuple

import click
import orjson
import uvloop
from pydantic import BaseModel

from bench.collector import load
from bench.connections import Connections
from pipeline.collector.tokens import Tokens
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

TICK_S = 0.001


class Job(BaseModel):
    """What to send and for how long. `rate`: posts a second, None for as many as go."""

    port: int
    connections: int
    sessions: int
    opened_at: int
    seed: int
    warm_up_s: float
    seconds: float
    rate: float | None


class Found(BaseModel):
    """`latencies_ms`: p50, p99 and the longest; `posts` and `events`: acknowledged in the measured
    time; `all_events`: from the first post to the last; `cpu_s`: of the generator itself.
    """

    posts: int
    events: int
    all_events: int
    seconds: float
    statuses: dict[int, int]
    latencies_ms: tuple[float, float, float]
    cpu_s: float


class Due(NamedTuple):
    at: float
    request: bytes
    events: int


class Crowd:
    """All players, and what they found."""

    def __init__(self, job: Job, requests: Iterator[tuple[bytes, int]]) -> None:
        self._job = job
        self._requests = requests
        self.connections = Connections(self.answered, self._more)
        self.begin()

    def begin(self) -> None:
        """Forget what was found: the warm-up is over."""
        self.latencies = array("d")
        self.statuses: Counter[int] = Counter()
        self.events = 0
        self.began = monotonic()
        self._cpu = _cpu_s()

    all_events = 0

    def due(self, at: float) -> None:
        self.connections.send(self._next(at))

    def _more(self) -> Due | None:
        """Without a rate, a connection goes on at once."""
        if self._job.rate is not None or self.connections.is_over:
            return None
        return self._next(monotonic())

    def answered(self, status: int, _: bytes, due: Due) -> None:
        self.latencies.append(monotonic() - due.at)
        self.statuses[status] += 1
        if status == 202:
            self.events += due.events
            self.all_events += due.events

    def found(self) -> Found:
        ordered = sorted(self.latencies)
        at = [ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.99, 1)]
        return Found(
            posts=self.statuses[202], events=self.events, all_events=self.all_events,
            seconds=monotonic() - self.began, statuses=dict(self.statuses),
            latencies_ms=(at[0], at[1], at[2]), cpu_s=_cpu_s() - self._cpu)

    def _next(self, at: float) -> Due:
        return Due(at, *next(self._requests))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def play(job: Job, requests: Iterator[tuple[bytes, int]]) -> Found:
    crowd = Crowd(job, requests)
    loop = asyncio.get_running_loop()
    await crowd.connections.open(job.connections, job.port)
    pacing = loop.create_task(_pace(crowd, job.rate)) if job.rate else None
    await asyncio.sleep(job.warm_up_s)
    crowd.begin()
    click.echo("measuring")
    await asyncio.sleep(job.seconds)
    found = crowd.found()
    click.echo("measured")
    if pacing is not None:
        pacing.cancel()
    crowd.connections.is_over = True
    await crowd.connections.until_quiet()
    return found.model_copy(update={"all_events": crowd.all_events})


async def _pace(crowd: Crowd, rate: float) -> None:
    began, sent = monotonic(), 0
    while True:
        while (at := began + sent / rate) <= monotonic():
            crowd.due(at)
            sent += 1
        await asyncio.sleep(TICK_S)


def main() -> None:
    job, settings = Job.model_validate_json(sys.stdin.buffer.read()), Settings()
    made = load.make(load_catalogue(settings.programmes_dir),
                     Tokens(settings.secret("token_secret")), job.sessions, job.opened_at, job.seed)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(play(job, made.requests()))
    click.echo(orjson.dumps(found.model_dump(), option=orjson.OPT_NON_STR_KEYS).decode())


if __name__ == "__main__":
    main()
