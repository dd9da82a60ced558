"""Virtual players in real time, a process of their own: `python -m bench.path.players < job.json`.

Each viewer opens plays as the platform does and posts heartbeats as a player does, one video after
the other, each to its end: nothing of it is made beforehand. Posts are due at even times whatever
the collector does, and a post's time counts from when it was due. Prints "measuring", and
"measured" after each window; what was found goes to the job's file.
"""

import asyncio
import heapq
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import click
import orjson
import uvloop
from pydantic import BaseModel

from bench.collector.load import BROWSERS_HEAD
from bench.connections import Connections
from pipeline.clock import now_ms

TICK_S = 0.001
OVERLOADED_S = 3.0
OPENED, TAKEN = 201, 202


class Level(BaseModel):
    """From `at_s` on, `rate` posts a second."""

    at_s: float
    rate: float


class Job(BaseModel):
    """Whom to play. A viewer watches the `resources` in order, again and again, each by `beats`
    heartbeats of `beat_s` seconds. Seconds count from the start; it is measured from `from_s` on,
    in `windows` of `window_s` each, and no post is due after the last one.
    """

    port: int
    key: str
    connections: int
    resources: list[str]
    beat_s: float
    beats: int
    levels: list[Level]
    from_s: float
    window_s: float
    windows: int
    found: Path

    def window(self, number: int) -> tuple[float, float]:
        """Its first second, and the one after its last."""
        since = self.from_s + number * self.window_s
        return since, since + self.window_s

    @property
    def viewers(self) -> int:
        return sum(many for _, many in self.arriving())

    def arriving(self) -> Iterator[tuple[float, int]]:
        """When viewers arrive, and how many: each posts once in `beat_s`."""
        before = 0
        for level in self.levels:
            now = round(level.rate * self.beat_s)
            yield level.at_s, now - before
            before = now


def viewer_name(number: int) -> str:
    return f"viewer-{number:06}"


class Completing(NamedTuple):
    """The last heartbeat of a video that was watched from the beginning; epoch milliseconds."""

    teacher_id: str
    resource_id: str
    due_at: float
    acknowledged_at: float


class Found(BaseModel):
    """`latencies`: (seconds from the start when a post was due, seconds it took) of every post of
    events that is kept; `plays`: when each that is kept was due to be opened; `overloaded_s`:
    when the collector was so far behind, or refused something, that the players gave up, None if
    they did not.
    """

    latencies: list[tuple[float, float]]
    plays: list[float]
    completing: list[Completing]
    statuses: dict[str, int]
    began_at: int
    overloaded_s: float | None


class Viewer:
    """One teacher at a player. `video`: how many they have begun; `beat`: how many heartbeats of it
    are sent. The first one is left early by most, so that not all end at once.
    """

    __slots__ = ("beat", "left", "name", "token", "video")

    def __init__(self, number: int, beats: int) -> None:
        self.name = viewer_name(number)
        self.left = beats - number % beats   # heartbeats until they go on to another video
        self.video = self.beat = 0
        self.token: bytes | None = None


class Due(NamedTuple):
    """A heartbeat, or with `beat` 0 a play to be opened, of a viewer's video."""

    at: float
    viewer: Viewer
    video: int
    beat: int
    request: bytes


class Crowd:
    """All viewers, and what was found."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.begin()
        self.connections: Connections[Due] = Connections(self.answered)
        self._turns = [(at, number, Viewer(number, job.beats))
                       for number, at in enumerate(self._arrivals())]
        heapq.heapify(self._turns)
        self._latencies = array("d")
        self._moments = array("d")
        self._plays = array("d")
        self._completing: list[Completing] = []
        self._statuses: Counter[str] = Counter()
        self.overloaded_s: float | None = None

    def begin(self) -> None:
        """Now is second 0."""
        self._began, self._began_at = monotonic(), now_ms()

    def _arrivals(self) -> Iterator[float]:
        """Evenly over the first `beat_s` of each level."""
        for at, many in self._job.arriving():
            for number in range(many):
                yield at + number / many * self._job.beat_s

    def passed(self, seconds: float) -> bool:
        return monotonic() - self._began >= seconds

    def tick(self) -> None:
        """Whatever is due by now is sent, or waits for a connection."""
        now = monotonic() - self._began
        while self._turns and self._turns[0][0] <= now:
            at, number, viewer = self._turns[0]
            heapq.heapreplace(self._turns, (at + self._job.beat_s, number, viewer))
            self._turn(at, viewer)
        since = self.connections.waits_since
        if since is not None and now - since > OVERLOADED_S:
            self._give_up(now)

    def _give_up(self, now: float) -> None:
        self.connections.is_over, self.overloaded_s = True, self.overloaded_s or now

    def _turn(self, at: float, viewer: Viewer) -> None:
        """A heartbeat of the present video; after its last one, or if there is none, the next."""
        if viewer.token is not None:
            viewer.beat += 1
            self.connections.send(Due(at, viewer, viewer.video, viewer.beat, self._beat(viewer)))
        if viewer.beat == viewer.left or viewer.video == 0:
            if viewer.video:
                viewer.left = self._job.beats
            viewer.video, viewer.beat, viewer.token = viewer.video + 1, 0, None
            self.connections.send(Due(at, viewer, viewer.video, 0, self._open(viewer)))

    def answered(self, status: int, body: bytes, due: Due) -> None:
        took = monotonic() - self._began - due.at
        self._statuses[str(status)] += 1
        if status not in (OPENED, TAKEN):
            self._give_up(due.at + took)
        if status == OPENED and due.video == due.viewer.video:
            due.viewer.token = orjson.loads(body)["token"].encode()
        if due.at >= self._job.from_s:
            self._keep(due, took)
        if status == TAKEN and due.beat == self._job.beats:
            at = self._began_at + due.at * 1000
            self._completing.append(Completing(
                due.viewer.name, self._resource(due.video), at, at + took * 1000))

    def _keep(self, due: Due, took: float) -> None:
        if due.beat:
            self._moments.append(due.at)
            self._latencies.append(took)
        else:
            self._plays.append(due.at)

    def found(self) -> Found:
        return Found(
            latencies=list(zip(self._moments, self._latencies, strict=True)),
            plays=list(self._plays),
            completing=self._completing, statuses=dict(self._statuses), began_at=self._began_at,
            overloaded_s=self.overloaded_s)

    def _resource(self, video: int) -> str:
        return self._job.resources[(video - 1) % len(self._job.resources)]

    def _open(self, viewer: Viewer) -> bytes:
        body = b'{"teacher_id":"%b","resource_id":"%b"}' % (
            viewer.name.encode(), self._resource(viewer.video).encode())
        return _request(b"POST /v1/plays HTTP/1.1", self._job.key.encode(), body)

    def _beat(self, viewer: Viewer) -> bytes:
        token, beat, length = viewer.token or b"", viewer.beat, self._job.beat_s
        body = b'{"events":[{"type":"heartbeat","seq":%d,"from":%.3f,"to":%.3f,"rate":1.0}]}' % (
            beat, (beat - 1) * length, beat * length)
        return _request(b"POST /v1/events HTTP/1.1", token, body)


REST = BROWSERS_HEAD.partition("\r\n")[2].encode()


def _request(line: bytes, bearer: bytes, body: bytes) -> bytes:
    return b"%b\r\n%bAuthorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b" % (
        line, REST, bearer, len(body), body)


async def play(job: Job) -> Found:
    crowd = Crowd(job)
    await crowd.connections.open(job.connections, job.port)
    crowd.begin()
    await _tick_until(crowd, job.from_s)
    click.echo("measuring")
    for number in range(job.windows):
        await _tick_until(crowd, job.window(number)[1])
        click.echo("measured")
    crowd.connections.is_over = True
    await crowd.connections.until_quiet()
    return crowd.found()


async def _tick_until(crowd: Crowd, until_s: float) -> None:
    while not crowd.connections.is_over and not crowd.passed(until_s):
        crowd.tick()
        crowd.connections.require_whole()
        await asyncio.sleep(TICK_S)


def main() -> None:
    job = Job.model_validate_json(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(play(job))
    job.found.write_text(found.model_dump_json(), "utf-8")


if __name__ == "__main__":
    main()
