"""A real collector whose clock the test turns, and what its records come to.

Bytes go in over HTTP, records come out; the rules, the reference and the explanation then read
those very records. Times and positions are in seconds, but for what ends in _ms.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import httpx

from audit.evidence import Stored
from audit.explain.explanation import Explanation, explain
from audit.explain.gather import scan
from audit.explain.live import Live, Standing
from audit.explain.records import Evidence, Logged, rejections
from audit.explain.text import as_text
from audit.reference.history import Teacher
from audit.reference.log import Answered, Entry, Played
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Heartbeat, Verdict
from pipeline.schemas.enrolments import Enrolment
from pipeline.settings import Settings
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Clock, serving
from tests.spec.story import BEGIN, RIGHT, course, programme, quiz, video

FILM = video(quiz(480), id="film", seconds=600)
OTHER = video(quiz(600, "p"), id="other", seconds=600)
PLAIN = video(id="plain", seconds=600)
PROGRAMME = replace(programme(course(FILM, OTHER, PLAIN, required=1800)), quiz_attempts=3)
CATALOGUE = Catalogue.of([PROGRAMME])
SLACK = CATALOGUE.clock.slack_ms // 1000
MAX_RATE = CATALOGUE.clock.max_rate // 100

MALLORY = "mallory"
ALICE = "alice"


def beat(start: float, end: float, seq: Any = 1, rate: float = 1.0) -> dict[str, Any]:
    return {"type": "heartbeat", "seq": seq, "from": start, "to": end, "rate": rate}


def answers(seq: int, given: Any = None, quiz_id: str = "q", **more: Any) -> dict[str, Any]:
    return {"type": "quiz", "seq": seq, "quiz_id": quiz_id,
            "answers": RIGHT if given is None else given, **more}


def beats(start: int, end: int, seq: int = 1, rate: float = 1.0) -> list[dict[str, Any]]:
    """One for every 15 s of [start, end)."""
    return [beat(at, min(at + 15, end), seq + n, rate)
            for n, at in enumerate(range(start, end, 15))]


@dataclass(slots=True)
class Player:
    """A play session and whoever holds its token."""

    lab: "Lab"
    token: str
    teacher: str = MALLORY

    async def post(self, *events: Any, **envelope: Any) -> httpx.Response:
        return await self.lab.send(self.token, json.dumps({"events": events, **envelope}).encode())

    async def watch(self, start: int, end: int, seq: int = 1, rate: float = 1.0) -> None:
        """Really take the time, and tell of it every 15 s of the video."""
        for one in beats(start, end, seq, rate):
            self.lab.wait((one["to"] - one["from"]) / rate)
            assert (await self.post(one)).status_code == 202


@dataclass(slots=True)
class Lab:
    """`statuses` counts the answers to posts by status and type of the first error."""

    http: httpx.AsyncClient
    memory: Memory
    clock: Clock
    statuses: Counter[str] = field(default_factory=Counter)
    opened: list[dict[str, Any]] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.clock.now += round(seconds * 1000)

    async def open(self, resource: str = "film", teacher: str = MALLORY) -> Player:
        response = await self.try_to_open(resource, teacher)
        assert response.status_code == 201, response.text
        return Player(self, response.json()["token"], teacher)

    async def try_to_open(self, resource: str, teacher: str) -> httpx.Response:
        return await self.http.post(
            "/v1/plays", headers={"Authorization": f"Bearer {KEY}"},
            json={"teacher_id": teacher, "resource_id": resource, "progress": False})

    async def send(self, token: str | None, body: bytes, **headers: str) -> httpx.Response:
        """As a player does; without a token like a page that is being left."""
        sent = headers if token is None else {"Authorization": f"Bearer {token}", **headers}
        return self.note(await self.http.post("/v1/events", content=body, headers=sent))

    def note(self, response: httpx.Response) -> httpx.Response:
        found = response.json()
        errors = found.get("errors") if isinstance(found, dict) else None
        self.statuses[errors[0]["type"] if errors else str(response.status_code)] += 1
        return response

    def outcome(self, teacher: str = MALLORY, resource: str = "film") -> "Outcome":
        return judged(self.memory, teacher, resource, self.clock.now)


@asynccontextmanager
async def laboratory(settings: Settings) -> AsyncIterator[Lab]:
    memory, clock = Memory(settings), Clock(BEGIN)
    async with serving(settings, CATALOGUE, memory, clock) as client:
        yield Lab(client.http, memory, clock)


class Outcome(NamedTuple):
    """What a teacher has of a resource. `watched`: of their time, on all resources; `page` is
    what `xueshi explain` prints.
    """

    explanation: Explanation
    verdicts: Counter[str]
    done: set[str]
    watched: float
    credited: int
    page: str


def judged(memory: Memory, teacher: str, resource: str, now: int) -> Outcome:
    """From the records; what the reference makes of them must be the same."""
    log = events(memory, teacher)
    refused = rejections(stored(memory, "rejections"), teacher)
    explanation = explain(CATALOGUE, Evidence(
        teacher, resource, tuple(log), rejections=tuple(refused),
        enrolments=(Enrolment(teacher_id=teacher, programme_id=PROGRAMME.id, at=BEGIN),)), now)
    videos = explanation.seen.viewer.videos
    done = {id_ for id_, one in videos.items() if one.coverage[PROGRAMME.id].done_at is not None}
    verdicts = agreed(log, done)
    return Outcome(
        explanation, verdicts, done, sum(one.watched_ms for one in videos.values()) / 1000,
        explanation.findings[0].standing.credited,
        as_text(explanation, Live(Standing.NOT_ASKED)))


def agreed(log: Sequence[Logged], done: set[str]) -> Counter[str]:
    """The reference's verdicts, after it came to the same completions as the rules."""
    reference = Teacher()
    verdicts = Counter(reference.take(CATALOGUE, entry(one)) for one in log)
    assert {resource for _, resource in reference.done} == done
    return Counter({Verdict(verdict): count for verdict, count in verdicts.items()})


def entry(logged: Logged) -> Entry:
    """The event as the reference reads it."""
    one = logged.event
    if isinstance(one, Heartbeat):
        return Played(one.resource_id, one.session_id, one.opened_at, one.seq, one.received_at,
                      one.start, one.end, one.rate)
    return Answered(one.resource_id, one.session_id, one.opened_at, one.seq, one.received_at,
                    one.quiz_id, one.answers)


def events(memory: Memory, teacher: str) -> list[Logged]:
    """The teacher's events as workers read them, of all resources."""
    return scan(stored(memory, "telemetry"), teacher, "film", None, 0)[0]


def stored(memory: Memory, name: str) -> list[Stored]:
    """The records of a topic in the order of their being sent, numbered by it."""
    return [Stored(partition, offset, BEGIN, key, value)
            for offset, (topic, partition, value, key) in enumerate(memory.sent)
            if topic.endswith(name)]
