"""Many teachers at their players, which send again what is not acknowledged; and the evidence."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import jwt
import orjson

from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.actions import Action, Beat, Open, Post
from simulator.door import Door, Reply
from simulator.http_player import Tally, connecting, play_through
from tests.collector.processes import RESOURCE
from tests.collector.test_transports import read

BEGIN = 1_689_825_600_000  # 2023-07-20 12:00 in Asia/Shanghai
BEAT_MS = 15_000

EventKey = tuple[str, int]  # session, seq


class Event(NamedTuple):
    """Everything that telemetry says of one heartbeat but its key."""

    received_at: int
    teacher_id: str
    start: int
    end: int
    rate: int


@dataclass(slots=True)
class Recorder:
    """A door that remembers which events were acknowledged, and what every answer was."""

    door: Door
    acknowledged: set[EventKey] = field(default_factory=set)
    retry_after: Counter[tuple[int, float]] = field(default_factory=Counter)

    async def open(self, at: int, teacher_id: str, resource_id: str) -> Reply:
        return await self.door.open(at, teacher_id, resource_id)

    async def post(self, at: int, token: str, body: bytes) -> Reply:
        reply = await self.door.post(at, token, body)
        self.retry_after[reply.status, reply.retry_after] += 1
        if reply.status == 202:
            session = jwt.decode(token, options={"verify_signature": False})["sid"]
            self.acknowledged |= {(session, one["seq"]) for one in orjson.loads(body)["events"]}
        return reply


def evening(posts: int, events: int) -> Iterator[Action]:
    """One play of so many posts, each of so many heartbeats, without a pause."""
    yield Open(BEGIN, "p", RESOURCE)
    for number in range(posts):
        first = number * events
        beats = tuple(Beat(seq + 1, seq * BEAT_MS, (seq + 1) * BEAT_MS, 100)
                      for seq in range(first, first + events))
        yield Post(BEGIN + (first + events) * BEAT_MS, "p", beats)


@dataclass(slots=True)
class Play:
    """What `teachers` teachers sent, `posts` posts of `events` heartbeats each."""

    settings: Settings
    teachers: int
    posts: int
    events: int = 2
    tally: Tally = field(default_factory=Tally)
    recorder: Recorder | None = None

    def run(self) -> None:
        """Play all of it; raises CollectorAwayError if a player gives up."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        url = f"http://127.0.0.1:{self.settings.collector_port}"
        async with connecting() as http:
            self.recorder = Recorder(Door(http, url, self.settings.secret("platform_key")))
            players = ((f"teacher-{number}", evening(self.posts, self.events))
                       for number in range(self.teachers))
            await play_through(self.recorder, players, self.tally)

    def require_all_there(self) -> int:
        """Everything was acknowledged in the end and is on Kafka, once or as exact repeats; how
        many repeats there are.
        """
        assert self.recorder is not None
        found = stored(self.settings)
        assert len(self.recorder.acknowledged) == self.teachers * self.posts * self.events
        assert set(found) == self.recorder.acknowledged
        for key, copies in found.items():
            assert len(set(copies)) == 1, key
        assert {(one.teacher_id, seq) for (_, seq), (one, *_) in found.items()} == {
            (f"teacher-{n}", seq + 1) for n in range(self.teachers)
            for seq in range(self.posts * self.events)}
        return sum(len(copies) - 1 for copies in found.values())


def stored(settings: Settings) -> dict[EventKey, list[Event]]:
    """All heartbeats on the telemetry topic, with every copy."""
    found: dict[EventKey, list[Event]] = {}
    for _, value, _ in read(str(settings.kafka_bootstrap_servers), settings.topic("telemetry")):
        batch = TelemetryBatch.read(value)
        rows = zip(batch.session_id, batch.seq, batch.received_at, batch.teacher_id, batch.start,
                   batch.end, batch.rate, strict=True)
        for session, seq, *event in rows:
            found.setdefault((session, seq), []).append(Event(*event))
    return found
