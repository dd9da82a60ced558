"""The players, in a process of their own: `python -m bench.collector.generator < job.json`.

Bytes in, bytes out, so that it takes little of the CPU that the collector needs. Prints "measuring"
when the warm-up is over, then one line of JSON with what was found.

With a `rate`, posts are due at even times whatever the collector does, and a post's time counts
from when it was due, so that a stall is seen in full. Without one, each connection posts as soon
as it has its answer: the most that this many connections can bring.
"""

import asyncio
import resource
import sys
from array import array
from collections import Counter, deque
from collections.abc import Iterator
from time import monotonic
from typing import Any, NamedTuple

import click
import orjson
import uvloop
from pydantic import BaseModel

from bench.collector import load
from pipeline.collector.tokens import Tokens
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

TICK_S = 0.001
END_PATIENCE_S = 30.0


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


class Player(asyncio.Protocol):
    """One connection. It has one post under way at a time."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._heard = b""
        self._due: Due | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._crowd.free(self)

    def connection_lost(self, _: Exception | None) -> None:
        if not self._crowd.is_over:
            raise click.ClickException("the collector closed a connection")

    def post(self, due: Due) -> None:
        self._due = due
        self._transport.write(due.request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(b"}") and self._due is not None:  # every answer is one JSON object
            status, due = int(self._heard[9:12]), self._due
            self._heard, self._due = b"", None
            self._crowd.answered(status, due)
            self._crowd.free(self)


class Crowd:
    """All players, and what they found."""

    def __init__(self, job: Job, requests: Iterator[tuple[bytes, int]]) -> None:
        self._job = job
        self._requests = requests
        self._idle: deque[Player] = deque()
        self._waiting: deque[Due] = deque()
        self._is_open_loop = job.rate is not None
        self.is_over = False
        self.begin()

    def begin(self) -> None:
        """Forget what was found: the warm-up is over."""
        self.latencies = array("d")
        self.statuses: Counter[int] = Counter()
        self.events = 0
        self.began = monotonic()
        self._cpu = _cpu_s()

    all_events = 0

    def free(self, player: Player) -> None:
        if self._waiting:
            player.post(self._waiting.popleft())
        elif self._is_open_loop or self.is_over:
            self._idle.append(player)
        else:
            player.post(self._next(monotonic()))

    def due(self, at: float) -> None:
        one = self._next(at)
        if self._idle:
            self._idle.popleft().post(one)
        else:
            self._waiting.append(one)

    def answered(self, status: int, due: Due) -> None:
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

    async def until_quiet(self) -> None:
        """Every answer is there."""
        async with asyncio.timeout(END_PATIENCE_S):
            while len(self._idle) < self._job.connections:
                await asyncio.sleep(0.01)

    def _next(self, at: float) -> Due:
        return Due(at, *next(self._requests))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def play(job: Job, requests: Iterator[tuple[bytes, int]]) -> Found:
    crowd = Crowd(job, requests)
    loop = asyncio.get_running_loop()
    for _ in range(job.connections):
        await loop.create_connection(lambda: Player(crowd), "127.0.0.1", job.port)
    pacing = loop.create_task(_pace(crowd, job.rate)) if job.rate else None
    await asyncio.sleep(job.warm_up_s)
    crowd.begin()
    click.echo("measuring")
    await asyncio.sleep(job.seconds)
    found = crowd.found()
    click.echo("measured")
    if pacing is not None:
        pacing.cancel()
    crowd.is_over = True
    await crowd.until_quiet()
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
