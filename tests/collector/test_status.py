"""The status table, row by row. `docs/reference/collector-status.md` is the table in words."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pipeline.collector.app import SettingTooLargeError, create_collector
from pipeline.collector.arrival import HEADER
from pipeline.collector.faults import Fault
from pipeline.collector.publishing import Publisher
from pipeline.rules.programme import Catalogue
from pipeline.settings import ROOT, SettingMissingError, Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, NOW, Client, Clock, serving

PLAY = {"teacher_id": hostile.TEACHER, "resource_id": hostile.RESOURCE}
POST = hostile.post(hostile.beat())
SIMULATED = {HEADER: str(NOW)}


@dataclass(frozen=True, slots=True)
class Case:
    """One request and its answer. `key` None: the right one for the path; "" none at all."""

    name: str
    status: int
    type: str
    method: str = "POST"
    path: str = "/v1/events"
    key: str | None = None
    body: Any = POST
    headers: dict[str, str] = field(default_factory=dict)
    answer_headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[Memory, Clock], None] = lambda memory, clock: None


def to_plays(name: str, status: int, type_: str, **rest: Any) -> Case:
    return Case(name, status, type_, path="/v1/plays", **{"body": PLAY} | rest)


def kafka_away(memory: Memory, _: Clock) -> None:
    memory.away = True


def kafka_silent(memory: Memory, _: Clock) -> None:
    memory.let_go = asyncio.Event()


def half_a_day_later(_: Memory, clock: Clock) -> None:
    clock.now += 12 * 3600 * 1000


CHALLENGE = {"www-authenticate": "Bearer"}
INVALID = {"www-authenticate": 'Bearer error="invalid_token"'}
LATER = {"retry-after": "5"}

CASES = (
    to_plays("a simulated time", 400, "simulated_time_refused", headers=SIMULATED),
    Case("a simulated time", 400, "simulated_time_refused", headers=SIMULATED),
    to_plays("no key", 401, "wrong_key", key="", answer_headers=CHALLENGE),
    to_plays("another key", 401, "wrong_key", key=KEY[:-1], answer_headers=CHALLENGE),
    to_plays("a key that is not ASCII", 401, "wrong_key", key="ключ", answer_headers=CHALLENGE),
    to_plays("a token for a key", 401, "wrong_key", key="token", answer_headers=CHALLENGE),
    to_plays("a resource no programme lists", 404, "unknown_resource",
             body=PLAY | {"resource_id": "video-9"}),
    to_plays("no JSON", 422, "not_json", body=b"{"),
    to_plays("a list", 422, "object_type", body=[]),
    to_plays("no teacher", 422, "missing", body={"resource_id": hostile.RESOURCE}),
    to_plays("a number for a teacher", 422, "string_type", body=PLAY | {"teacher_id": 1}),
    to_plays("a phone number with a space", 422, "string_pattern_mismatch",
             body=PLAY | {"teacher_id": "138 0000 0000"}),
    to_plays("a long body", 413, "body_too_large", body=b" " * 300_000,
             answer_headers={"connection": "close"}),
    to_plays("the wrong method", 405, "wrong_method", method="GET",
             answer_headers={"allow": "POST"}),
    Case("no token", 401, "token_missing", key="", answer_headers=CHALLENGE),
    Case("the platform's key", 401, "token_invalid", key=KEY, answer_headers=INVALID),
    Case("an expired token", 401, "token_expired", before=half_a_day_later,
         answer_headers=INVALID),
    Case("another resource", 403, "other_resource",
         body=hostile.post(hostile.beat(), resource_id=hostile.OTHER_RESOURCE)),
    Case("another resource's quiz", 403, "quiz_of_another_resource",
         body=hostile.post(hostile.quiz(quiz_id=hostile.OTHER_QUIZ))),
    Case("a long body", 413, "body_too_large", body=b" " * 300_000,
         answer_headers={"connection": "close"}),
    Case("too many events", 413, "too_many_events", body=hostile.post(*[hostile.beat()] * 501)),
    Case("no JSON", 422, "not_json", body=b"{"),
    Case("Kafka away", 503, "kafka_away", before=kafka_away, answer_headers=LATER),
    Case("Kafka away, a bad event", 503, "kafka_away", before=kafka_away,
         body=hostile.post(hostile.beat(seq=0)), answer_headers=LATER),
    Case("Kafka silent", 503, "kafka_slow", before=kafka_silent, answer_headers=LATER),
    Case("Kafka silent, a bad event", 503, "kafka_slow", before=kafka_silent,
         body=hostile.post(hostile.beat(seq=0), hostile.beat()), answer_headers=LATER),
    Case("the wrong method", 405, "wrong_method", method="PUT", answer_headers={"allow": "POST"}),
    Case("an unknown path", 404, "unknown_path", path="/v1/event"),
    Case("a slash too many", 404, "unknown_path", path="/v1/events/"),
)


async def ask(client: Client, case: Case, token: str) -> httpx.Response:
    right = KEY if case.path == "/v1/plays" else token
    key = {None: right, "token": token}.get(case.key, case.key)
    content = {"content": case.body} if isinstance(case.body, bytes) else {"json": case.body}
    headers = [(name.encode(), value.encode()) for name, value in case.headers.items()]
    if key:
        headers.append((b"Authorization", f"Bearer {key}".encode()))
    return await client.http.request(case.method, case.path, headers=headers, **content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path} {case.name}")
def test_status(offline: Settings, catalogue: Catalogue, case: Case) -> None:
    clock, settings = Clock(), offline.model_copy(update={"kafka_timeout_seconds": 0.1})
    memory = Memory(settings)

    async def run() -> httpx.Response:
        async with serving(settings, catalogue, memory, clock) as client:
            token = (await client.open())["token"]
            case.before(memory, clock)
            response = await ask(client, case, token)
            if memory.let_go is not None:
                memory.let_go.set()
            return response

    response = asyncio.run(run())
    assert (response.status_code, response.json()["errors"][0]["type"]) == (case.status, case.type)
    assert response.headers["content-type"] == "application/json"
    assert response.json()["accepted"] == 0
    for name, value in case.answer_headers.items():
        assert response.headers[name] == value


def test_rule_10_18_a_play_is_opened_and_its_key_stays_here(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def run() -> dict[str, Any]:
        async with serving(offline, catalogue, Memory(offline)) as client:
            return await client.open()

    opened = asyncio.run(run())
    assert set(opened) == {"session_id", "token", "opened_at", "expires_at", "heartbeat_seconds",
                           "resource", "quizzes", "progress"}
    assert opened["opened_at"] == NOW
    assert opened["expires_at"] == NOW + 12 * 3600 * 1000
    assert opened["heartbeat_seconds"] == 15
    assert opened["resource"] == {"kind": "video", "duration_seconds": 600.0}
    assert opened["quizzes"] == [
        {"quiz_id": hostile.QUIZ, "at_seconds": 600.0, "questions": ["1", "2"], "wording": []}]
    assert opened["progress"] is None, "nobody to ask"


def test_rule_15_events_are_stamped_with_the_collectors_clock(
    offline: Settings, catalogue: Catalogue
) -> None:
    clock, memory = Clock(), Memory(offline)
    late = hostile.beat(received_at=1, at=1, **{"from": 15.0004, "to": 30.0006, "rate": 1.256})
    handed = hostile.quiz(score=100, passed=True, answers={"1": "B", "2": ["A", "C"]})

    async def run() -> httpx.Response:
        async with serving(offline, catalogue, memory, clock) as client:
            token = (await client.open())["token"]
            clock.now += 15_000
            return await client.post(token, hostile.post(late, handed))

    response = asyncio.run(run())
    assert (response.status_code, response.json()) == (202, {"accepted": 2})
    (batch,) = memory.batches()
    assert batch.received_at == [NOW + 15_000]
    assert (batch.opened_at, batch.seq) == ([NOW], [1])
    assert (batch.start, batch.end, batch.rate) == ([15_000], [30_001], [126])
    (quiz,) = batch.quizzes
    assert (quiz.received_at, quiz.opened_at, quiz.seq) == (NOW + 15_000, NOW, 2)
    assert quiz.answers == {"1": "B", "2": ["A", "C"]}
    assert memory.rejections() == []


@pytest.mark.parametrize(("start", "to", "end"), [
    (590.0, 602.0, 600_000), (590.0, 600.0004, 600_000), (599.9994, 600.0, 600_000),
])
def test_rule_9_a_little_beyond_the_end_is_cut_off(
    offline: Settings, catalogue: Catalogue, start: float, to: float, end: int
) -> None:
    memory = Memory(offline)

    async def run() -> httpx.Response:
        async with serving(offline, catalogue, memory) as client:
            token = (await client.open())["token"]
            return await client.post(token, hostile.post(hostile.beat(**{"from": start, "to": to})))

    assert asyncio.run(run()).status_code == 202
    assert memory.batches()[0].end == [end]


def test_a_text_is_read_like_a_video(offline: Settings, catalogue: Catalogue) -> None:
    memory = Memory(offline)

    async def run() -> list[int]:
        async with serving(offline, catalogue, memory) as client:
            opened = await client.open("text-1")
            assert opened["resource"] == {"kind": "text", "duration_seconds": 300.0}
            beats = (hostile.beat(), hostile.beat(to=500.0))
            return [(await client.post(opened["token"], hostile.post(beat))).status_code
                    for beat in beats]

    assert asyncio.run(run()) == [202, 422]


def test_too_fast_is_429_and_tells_when_to_come_back(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={"posts_per_second": 0.5, "posts_burst": 2})
    clock = Clock()

    async def run() -> list[httpx.Response]:
        async with serving(settings, catalogue, Memory(settings), clock) as client:
            token = (await client.open())["token"]
            answers = [await client.post(token, POST) for _ in range(3)]
            clock.now += 2000
            return [*answers, await client.post(token, POST)]

    first, second, third, fourth = asyncio.run(run())
    assert [r.status_code for r in (first, second, third, fourth)] == [202, 202, 429, 202]
    assert third.json()["errors"][0]["type"] == "too_fast"
    assert third.headers["retry-after"] == "2"


def test_simulation_time_decides_tokens_events_and_pace(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={"simulation": True, "posts_burst": 1})
    memory, day = Memory(settings), 24 * 3600 * 1000

    async def run() -> list[int]:
        async with serving(settings, catalogue, memory) as client:
            opened = await client.open(at=NOW + day)
            assert opened["expires_at"] == NOW + day + 12 * 3600 * 1000
            times = (NOW + day + 1000, NOW + day + 1001, NOW + day + 2000, NOW + 2 * day)
            return [(await client.post(opened["token"], POST, at)).status_code for at in times]

    assert asyncio.run(run()) == [202, 429, 202, 401]
    assert [batch.received_at for batch in memory.batches()] == [
        [NOW + day + 1000], [NOW + day + 2000]]
    assert memory.batches()[0].opened_at == [NOW + day]


@pytest.mark.parametrize("said", ["", "soon", "-1", "1.5", "1e12", "１２３", "9" * 30,
                                  "253402214400001"])
def test_simulated_time_that_is_none_is_400(
    offline: Settings, catalogue: Catalogue, said: str
) -> None:
    settings = offline.model_copy(update={"simulation": True})

    async def run() -> httpx.Response:
        async with serving(settings, catalogue, Memory(settings)) as client:
            return await client.http.post("/v1/plays", json=PLAY, headers=[
                (b"Authorization", f"Bearer {KEY}".encode()), (HEADER.encode(), said.encode())])

    response = asyncio.run(run())
    assert response.status_code == 400
    assert response.json()["errors"][0]["type"] == "simulated_time_malformed"


def test_one_partition_in_trouble_fails_its_own_posts_only(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline, failing={0})

    async def run() -> dict[str, int]:
        async with serving(offline, catalogue, memory) as client:
            tokens = {f"t{n}": (await client.open(teacher=f"t{n}"))["token"] for n in range(20)}
            answers = await asyncio.gather(*(client.post(t, POST) for t in tokens.values()))
            return {teacher: answer.status_code
                    for teacher, answer in zip(tokens, answers, strict=True)}

    statuses = asyncio.run(run())
    arrived = {teacher for batch in memory.batches() for teacher in batch.teacher_id}
    assert {teacher for teacher, status in statuses.items() if status == 202} == arrived
    assert set(statuses.values()) == {202, 503}


def test_a_fault_of_our_own_is_500_in_the_same_shape(
    offline: Settings, catalogue: Catalogue
) -> None:
    def broken_clock() -> int:
        raise RuntimeError("no time")

    async def run() -> httpx.Response:
        async with serving(offline, catalogue, Memory(offline), broken_clock) as client:
            return await client.post("token", POST)

    response = asyncio.run(run())
    assert response.status_code == 500
    assert response.json()["errors"][0]["type"] == "internal"


def test_health_and_readiness(offline: Settings, catalogue: Catalogue) -> None:
    memory = Memory(offline)

    async def run() -> list[tuple[int, int, Any]]:
        seen = []
        async with serving(offline, catalogue, memory) as client:
            for state in ((False, False), (True, False), (False, True)):
                memory.away, memory.missing_topics = state
                ready = await client.http.get("/readyz")
                health = (await client.http.get("/healthz")).status_code
                seen.append((health, ready.status_code, ready.json()["shortcomings"]))
        return seen

    assert asyncio.run(run()) == [
        (200, 200, []),
        (200, 503, ["away"]),
        (200, 503, ["topic test.telemetry has 0 partitions, not 4",
                    "topic test.rejections has 0 partitions, not 1"]),
    ]


def test_the_status_table_is_written_down() -> None:
    """Types of pydantic's own and of single events are explained, not listed with a status."""
    page = (ROOT / "docs" / "reference" / "collector-status.md").read_text("utf-8")
    written = set(re.findall(r"^\| (\d{3}) \| `(\w+)`", page, re.MULTILINE))
    of_events = {("403", "quiz_of_another_resource")}
    assert written - of_events == {(str(fault.status), fault.type) for fault in Fault}
    for case in CASES:
        assert f"`{case.type}`" in page or case.type.startswith("string_")


def test_a_platform_key_set_to_nothing_lets_nobody_in(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={"platform_key": SecretStr("")})

    async def run() -> list[int]:
        async with serving(settings, catalogue, Memory(settings)) as client:
            headers: list[dict[str, str]] = [{}, {"Authorization": "Bearer "}]
            return [(await client.http.post("/v1/plays", json=PLAY, headers=h)).status_code
                    for h in headers]

    assert asyncio.run(run()) == [401, 401]


@pytest.mark.parametrize(("name", "value", "error"), [
    ("max_post_events", 10_001, SettingTooLargeError),
    ("max_post_bytes", 1024 * 1024 + 1, SettingTooLargeError),
    ("platform_key", None, SettingMissingError),
    ("token_secret", None, SettingMissingError),
])
def test_settings_it_cannot_work_with_are_named_at_start(
    offline: Settings, catalogue: Catalogue, name: str, value: object, error: type[Exception]
) -> None:
    settings = offline.model_copy(update={name: value})
    publisher = Publisher(settings, Memory(settings))
    with pytest.raises(error, match=f"XUESHI_{name.upper()}"):
        create_collector(settings, catalogue, publisher, Clock())
