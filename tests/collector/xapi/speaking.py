"""Statements as players write them, and a client that sends them."""

import uuid
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from pipeline.collector.xapi.verbs import EXTENSIONS, Verb
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Heartbeat, Milestone, Verdict, Viewer, hear
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Client, serving

PREFIX = "urn:xueshi:resource:"
VIDEO = PREFIX + hostile.RESOURCE
VERSION = {"X-Experience-API-Version": "1.0.3"}
JSON = {"Content-Type": "application/json"}
HOME = "https://learn.example.cn"


def actor(teacher: str = hostile.TEACHER) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": HOME, "name": teacher}}


def statement(did: str = Verb.PLAYED, about: str = VIDEO, **more: Any) -> dict[str, Any]:
    """A statement with an id of its own."""
    return {"id": str(uuid.uuid4()), "actor": actor(), "verb": {"id": did},
            "object": {"id": about}} | more


def video(verb: Verb, id_: str | None = None, speed: str | None = None,
          **said: Any) -> dict[str, Any]:
    """Of the Video Profile; `time_from=3` says the extension `time-from`."""
    extensions = {EXTENSIONS + name.replace("_", "-"): value for name, value in said.items()}
    made = statement(verb, result={"extensions": extensions})
    if speed:
        made["context"] = {"extensions": {EXTENSIONS + "speed": speed}}
    return made | ({"id": id_} if id_ else {})


def played(time: float, **more: Any) -> dict[str, Any]:
    return video(Verb.PLAYED, time=time, **more)


def paused(time: float, segments: str | None = None, **more: Any) -> dict[str, Any]:
    listed = {} if segments is None else {"played_segments": segments}
    return video(Verb.PAUSED, time=time, **listed, **more)


def basic(password: str, user: str = "play") -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@dataclass(slots=True)
class Speaker:
    """A player with its token, or the platform with its key."""

    http: httpx.AsyncClient
    token: str

    async def post(self, *said: Any, **headers: str) -> httpx.Response:
        """One statement alone, several as a list."""
        return await self.send("POST", said[0] if len(said) == 1 else list(said), **headers)

    async def put(self, said: Any, id_: str | None = None) -> httpx.Response:
        return await self.send("PUT", said, f"?statementId={id_ or said['id']}")

    async def send(
        self, method: str, content: Any, query: str = "", **headers: str
    ) -> httpx.Response:
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        return await self.http.request(
            method, f"/xapi/statements{query}", content=body,
            headers={**VERSION, **JSON, "Authorization": f"Bearer {self.token}"} | headers)


@asynccontextmanager
async def speaking(
    settings: Settings, catalogue: Catalogue, memory: Memory, clock: Callable[[], int] | None = None
) -> AsyncIterator[tuple[Client, Speaker]]:
    """A collector, and a player that has opened a play of the video."""
    async with serving(settings, catalogue, memory, clock) as client:
        yield client, Speaker(client.http, (await client.open())["token"])


def platform(client: Client) -> Speaker:
    return Speaker(client.http, KEY)


def judged(
    batches: list[TelemetryBatch], catalogue: Catalogue
) -> tuple[list[Verdict], int, list[Milestone]]:
    """What the agents would make of the telemetry: verdicts, covered milliseconds, milestones."""
    viewer, news, verdicts = Viewer(), list[Milestone](), []
    for batch in batches:
        columns = (batch.resource_id, batch.session_id, batch.opened_at, batch.seq,
                   batch.received_at, batch.start, batch.end, batch.rate)
        verdicts += [hear(viewer, catalogue, Heartbeat(*row), news)
                     for row in zip(*columns, strict=True)]
    spans = [coverage.covered for one in viewer.videos.values()
             for coverage in one.coverage.values()]
    return verdicts, sum(sum(s[1::2]) - sum(s[::2]) for s in spans), news
