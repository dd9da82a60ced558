"""Every resource, method and fault against its status; docs/how-to/xapi.md is it in words."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest

from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.verbs import Verb
from pipeline.rules.programme import Catalogue
from pipeline.settings import ROOT, Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Clock
from tests.collector.xapi.corpus import ID
from tests.collector.xapi.speaking import (
    JSON,
    PREFIX,
    VERSION,
    VIDEO,
    Speaker,
    actor,
    basic,
    paused,
    platform,
    played,
    speaking,
    statement,
)

PAGE = ROOT / "docs" / "how-to" / "xapi.md"
GOOD = paused(15, "0[.]15")
STATE = f"/xapi/activities/state?agent=%7B%7D&activityId={VIDEO}"


def kafka_away(memory: Memory, _: Clock) -> None:
    memory.away = True


def kafka_silent(memory: Memory, _: Clock) -> None:
    memory.let_go = asyncio.Event()


def half_a_day_later(_: Memory, clock: Clock) -> None:
    clock.now += 12 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Case:
    """One request with a play's token, and its answer. `type` None: it is no refusal."""

    name: str
    status: int
    type: str | None = None
    method: str = "POST"
    path: str = "/xapi/statements"
    body: Any = field(default_factory=lambda: GOOD)
    headers: dict[str, str | None] = field(default_factory=dict)
    by_platform: bool = False
    before: Callable[[Memory, Clock], None] = lambda memory, clock: None


def put(name: str, status: int, type_: str | None = None, query: str = "", **more: Any) -> Case:
    return Case(name, status, type_, "PUT", f"/xapi/statements{query}", **more)


def get(name: str, status: int, type_: str | None, path: str, **more: Any) -> Case:
    return Case(name, status, type_, "GET", path, **more)


def version(said: str | None) -> dict[str, str | None]:
    return {"X-Experience-API-Version": said}


ANSWER = statement(Verb.ANSWERED, f"{VIDEO}/quizzes/{hostile.QUIZ}", result={"response": "1[.]A"})

CASES = (
    Case("one statement", 200),
    Case("a batch", 200, body=[played(0), paused(9, "0[.]9")]),
    Case("an empty batch", 200, body=[]),
    Case("an unknown verb", 200, body=statement("http://example.cn/verbs/yawned")),
    Case("something inside the resource", 200, body=statement(about=VIDEO + "#chapter-1")),
    Case("no account", 200, body=statement(actor={"mbox": "mailto:a@example.cn"})),
    Case("a charset", 200, headers={"Content-Type": "application/json; charset=utf-8"}),
    Case("version 1.0", 200, headers=version("1.0")),
    Case("version 1.0.0", 200, headers=version("1.0.0")),
    Case("version 2.0.0", 200, headers=version("2.0.0")),
    put("a statement", 204, query=f"?statementId={GOOD['id']}"),
    put("a statement without id", 204, query=f"?statementId={ID}",
        body={k: v for k, v in GOOD.items() if k != "id"}),
    get("about", 200, None, "/xapi/about", headers={**version(None), "Authorization": None}),
    get("about in another version", 200, None, "/xapi/about", headers=version("0.9")),
    Case("about, the head of it", 200, None, "HEAD", "/xapi/about"),
    get("how it was launched", 200, None, f"{STATE}&stateId=LMS.LaunchData"),
    get("which states there are", 200, None, STATE),
    get("which profiles there are", 200, None, "/xapi/agents/profile?agent=%7B%7D"),
    Case("no version", 400, "version_missing", headers=version(None)),
    Case("an old version", 400, "version_unsupported", headers=version("0.95")),
    Case("a newer version", 400, "version_unsupported", headers=version("1.1.0")),
    Case("a version to come", 400, "version_unsupported", headers=version("2.1.0")),
    Case("a version in words", 400, "version_unsupported", headers=version("latest")),
    get("a state without version", 400, "version_missing", STATE, headers=version(None)),
    Case("a parameter", 400, "parameter_unknown", path="/xapi/statements?statementId=" + ID),
    Case("the alternate syntax", 400, "parameter_unknown", path="/xapi/statements?method=PUT",
         headers={"Content-Type": "application/x-www-form-urlencoded"}),
    put("another parameter", 400, "parameter_unknown", query=f"?statementId={ID}&format=exact"),
    put("in another case", 400, "parameter_unknown", query=f"?statementid={ID}"),
    put("no statementId", 400, "parameter_wrong"),
    put("no UUID", 400, "parameter_wrong", query="?statementId=1"),
    put("another id", 400, "other_id", query=f"?statementId={ID}"),
    put("a list", 400, "malformed", query=f"?statementId={ID}", body=[GOOD]),
    Case("no content type", 400, "content_type", headers={"Content-Type": None}),
    Case("multipart", 400, "content_type", headers={"Content-Type": "multipart/mixed; boundary=x"}),
    Case("a form", 400, "content_type",
         headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Case("no JSON", 400, "not_json", body=b"{"),
    Case("nothing", 400, "not_json", body=b""),
    Case("no statement", 400, "malformed", body={}),
    Case("a bad one among good ones", 400, "malformed", body=[GOOD, {}]),
    Case("one id twice", 400, "same_id_twice", body=[GOOD, GOOD]),
    Case("a simulated time", 400, "simulated_time_refused",
         headers={"X-Simulated-Received-At": "1"}),
    Case("nobody", 401, "token_missing", headers={"Authorization": None}),
    Case("another scheme", 401, "token_missing", headers={"Authorization": "Digest x"}),
    Case("no token", 401, "token_invalid", headers={"Authorization": "Bearer x"}),
    Case("no token, by Basic", 401, "token_invalid", headers={"Authorization": basic("x")}),
    Case("half the key", 401, "token_invalid", headers={"Authorization": basic(KEY[:-1])}),
    Case("an expired token", 401, "token_expired", before=half_a_day_later),
    get("a state by nobody", 401, "token_missing", STATE, headers={"Authorization": None}),
    Case("another teacher", 403, "other_actor", body=GOOD | {"actor": actor("teacher-2")}),
    Case("a group", 403, "other_actor", body=GOOD | {"actor": {
        "objectType": "Group", "member": [actor()]}}),
    Case("another resource", 403, "other_activity",
         body=GOOD | {"object": {"id": PREFIX + hostile.OTHER_RESOURCE}}),
    Case("a resource that begins alike", 403, "other_activity",
         body=GOOD | {"object": {"id": VIDEO + "0"}}),
    Case("another website's activity", 403, "other_activity",
         body=statement(about="https://example.cn/video-1")),
    Case("a person as the object", 403, "other_activity",
         body=statement(object={"objectType": "Agent", "mbox": "mailto:a@example.cn"})),
    Case("a statement inside", 403, "other_activity", body=statement(object={
        "objectType": "SubStatement", "actor": actor(), "verb": {"id": Verb.PAUSED},
        "object": {"id": VIDEO}})),
    Case("voiding", 403, "voiding", body=statement(
        Verb.VOIDED, object={"objectType": "StatementRef", "id": ID})),
    Case("voiding by the platform", 403, "voiding", by_platform=True, body=statement(
        Verb.VOIDED, object={"objectType": "StatementRef", "id": ID})),
    Case("playing, by the platform", 403, "play_needed", by_platform=True),
    Case("answers of nobody", 403, "other_actor", by_platform=True,
         body=ANSWER | {"actor": {"mbox": "mailto:a@example.cn"}}),
    Case("answers of no id", 403, "other_actor", by_platform=True,
         body=ANSWER | {"actor": actor("138 0000")}),
    Case("the platform about others", 200, by_platform=True,
         body=statement(Verb.PASSED, "https://example.cn/exam", actor=actor("anybody at all"))),
    Case("answers by the platform", 200, body=ANSWER, by_platform=True),
    get("another resource's state", 403, "other_activity",
        "/xapi/activities/state?stateId=LMS.LaunchData&activityId=" + PREFIX + "video-2"),
    get("a bookmark", 404, "nothing_stored", f"{STATE}&stateId=bookmark"),
    get("the platform's launch", 404, "nothing_stored", f"{STATE}&stateId=LMS.LaunchData",
        by_platform=True),
    get("preferences", 404, "nothing_stored",
        "/xapi/agents/profile?profileId=cmi5LearnerPreferences"),
    get("an activity's profile", 404, "nothing_stored", "/xapi/activities/profile?profileId=x"),
    get("an agent", 404, "unknown_path", "/xapi/agents?agent=%7B%7D"),
    get("an activity", 404, "unknown_path", "/xapi/activities?activityId=" + VIDEO),
    get("nothing there", 404, "unknown_path", "/xapi/"),
    get("a slash too many", 404, "unknown_path", "/xapi/about/"),
    get("statements", 405, "wrong_method", "/xapi/statements?limit=1"),
    get("a statement", 405, "wrong_method", f"/xapi/statements?statementId={ID}"),
    Case("no statements", 405, "wrong_method", "DELETE"),
    Case("a bookmark to keep", 405, "wrong_method", "PUT", f"{STATE}&stateId=bookmark"),
    Case("a bookmark to drop", 405, "wrong_method", "DELETE", f"{STATE}&stateId=bookmark"),
    Case("about, sent", 405, "wrong_method", path="/xapi/about"),
    Case("too many statements", 413, "too_many_statements", body=[1] * 501),
    Case("a long body", 413, "body_too_large", body=b" " * 300_000),
    Case("too many stretches", 413, "too_many_stretches", body=[
        paused(9, "[,]".join(f"{n + k / 1000}[.]{n + k / 1000 + .5}" for n in range(100)))
        for k in range(6)]),
    Case("Kafka away", 503, "kafka_away", before=kafka_away),
    Case("Kafka away, answers", 503, "kafka_away", before=kafka_away, body=ANSWER,
         by_platform=True),
    Case("Kafka away, nothing for it", 200, before=kafka_away, body=played(0)),
    Case("Kafka silent", 503, "kafka_slow", before=kafka_silent),
)


async def ask(who: Speaker, case: Case) -> httpx.Response:
    headers: dict[str, str | None] = {
        **VERSION, **JSON, "Authorization": f"Bearer {who.token}", **case.headers}
    body = None if case.method in ("GET", "HEAD") else case.body
    if body is not None and not isinstance(body, bytes):
        body = orjson.dumps(body)
    return await who.http.request(
        case.method, case.path, content=body,
        headers={name: value for name, value in headers.items() if value is not None})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.name}")
def test_status(offline: Settings, catalogue: Catalogue, case: Case) -> None:
    clock, settings = Clock(), offline.model_copy(update={"kafka_timeout_seconds": 0.1})
    memory = Memory(settings)

    async def run() -> httpx.Response:
        async with speaking(settings, catalogue, memory, clock) as (client, player):
            case.before(memory, clock)
            return await ask(platform(client) if case.by_platform else player, case)

    response = asyncio.run(run())
    assert response.status_code == case.status, response.text
    said = case.headers.get("X-Experience-API-Version", "1.0.3") or ""
    expected = "1.0.3" if re.fullmatch(r"1\.0(\.\d+)?", said) else "2.0.0"
    assert response.headers["X-Experience-API-Version"] == expected
    if case.type is not None:
        (entry, *_) = response.json()["errors"]
        assert entry["type"] == case.type
        assert entry["msg"]
        assert memory.sent == []


def test_the_tables_are_written_down() -> None:
    page = PAGE.read_text("utf-8")
    written = set(re.findall(r"^\| (\d{3}) \| `(\w+)`", page, re.MULTILINE))
    assert written == {(str(fault.status), fault.type) for fault in XapiFault}
    assert {case.type for case in CASES if case.type} >= {
        fault.type for fault in XapiFault if fault is not XapiFault.CONFLICT}
    for verb in Verb:
        assert f"`{verb.word}`" in page


@pytest.mark.parametrize("authorise", [
    lambda token: f"Bearer {token}", lambda token: f"bearer  {token}", basic,
    lambda token: basic(token, ""), lambda token: f"Basic {token}",
])
def test_the_token_is_a_bearer_or_a_password(
    offline: Settings, catalogue: Catalogue, authorise: Callable[[str], str]
) -> None:
    async def run() -> httpx.Response:
        async with speaking(offline, catalogue, Memory(offline)) as (_, player):
            return await player.post(GOOD, Authorization=authorise(player.token))

    assert asyncio.run(run()).status_code == 200


def test_ids_come_back_in_order_and_events_are_counted(
    offline: Settings, catalogue: Catalogue
) -> None:
    bare = {name: value for name, value in played(0).items() if name != "id"}

    async def run() -> httpx.Response:
        async with speaking(offline, catalogue, Memory(offline)) as (_, player):
            return await player.post(bare, GOOD)

    response = asyncio.run(run())
    made, given = response.json()
    assert re.fullmatch(r"[0-9a-f-]{36}", made)
    assert (given, response.headers["X-Xueshi-Events"]) == (GOOD["id"], "1")


def test_409_for_another_statement_of_an_id_and_nothing_for_the_same(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline)
    other = paused(30, "0[.]30") | {"id": GOOD["id"]}
    again = GOOD | {"stored": "2023-07-20T12:00:00Z"}

    async def run() -> list[httpx.Response]:
        async with speaking(offline, catalogue, memory) as (_, player):
            return [await player.post(GOOD), await player.post(again), await player.put(again),
                    await player.post(other), await player.put(other),
                    await player.post(statement(), other)]

    answers = asyncio.run(run())
    assert [a.status_code for a in answers] == [200, 200, 204, 409, 409, 409]
    assert answers[1].json() == [GOOD["id"]]
    assert answers[-1].json()["errors"][0]["loc"] == ["statements", 1, "id"]
    assert memory.events() == 1


def test_a_batch_is_taken_as_a_whole_or_not_at_all(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline)
    first, second = played(0), paused(9)

    async def run() -> list[int]:
        async with speaking(offline, catalogue, memory) as (_, player):
            wrong = second | {"object": {"id": PREFIX + "video-2"}}
            return [(await player.post(*said)).status_code
                    for said in ((first, wrong), (second,), (first | {"id": ID}, second))]

    assert asyncio.run(run()) == [403, 200, 200]
    # `played` of the refused batch was not heard, so the second post could not be paired.
    assert (memory.events(), len(memory.rejections())) == (0, 1)


def test_a_503_leaves_nothing_behind_so_the_same_can_be_sent_again(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline)
    begun, ended = played(0), paused(9)

    async def run() -> list[int]:
        async with speaking(offline, catalogue, memory) as (_, player):
            statuses = [(await player.post(begun)).status_code]
            for memory.away in (True, False):
                statuses.append((await player.post(ended)).status_code)
            return statuses

    assert asyncio.run(run()) == [200, 503, 200]
    assert (memory.batches()[0].start, memory.batches()[0].end) == ([0], [9000])


def test_too_fast_is_429(offline: Settings, catalogue: Catalogue) -> None:
    settings = offline.model_copy(update={"posts_per_second": 0.5, "posts_burst": 2})

    async def run() -> list[httpx.Response]:
        async with speaking(settings, catalogue, Memory(settings)) as (_, player):
            return [await player.post(statement()) for _ in range(3)]

    *_, last = asyncio.run(run())
    assert (last.status_code, last.headers["Retry-After"]) == (429, "2")


def test_pages_of_named_websites_may_speak(offline: Settings, catalogue: Catalogue) -> None:
    settings = offline.model_copy(update={"cors_origins": ("https://learn.example",)})

    async def run() -> list[httpx.Response]:
        async with speaking(settings, catalogue, Memory(settings)) as (client, player):
            asked = [await client.http.options("/xapi/statements", headers={"Origin": origin})
                     for origin in ("https://learn.example", "https://evil.example")]
            return [*asked, await player.post({}, Origin="https://learn.example")]

    allowed, denied, refused = asyncio.run(run())
    assert (allowed.status_code, denied.status_code) == (204, 405)
    assert "X-Experience-API-Version" in allowed.headers["Access-Control-Allow-Headers"]
    assert "PUT" in allowed.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in denied.headers
    assert refused.headers["Access-Control-Allow-Origin"] == "https://learn.example"
    assert "X-Experience-API-Version" in refused.headers["Access-Control-Expose-Headers"]


def test_about_and_launch_data_say_what_they_must(
    offline: Settings, catalogue: Catalogue
) -> None:
    async def run() -> tuple[Any, httpx.Response]:
        async with speaking(offline, catalogue, Memory(offline)) as (client, player):
            about = (await client.http.get("/xapi/about")).json()
            return about, await ask(player, get("", 200, None, f"{STATE}&stateId=LMS.LaunchData"))

    about, launch = asyncio.run(run())
    assert about["version"] == ["1.0.3", "2.0.0"]
    assert set(about) == {"version", "extensions"}
    said = launch.json()
    assert {"contextTemplate", "launchMode", "moveOn"} == set(said)
    assert said["contextTemplate"]["extensions"]
    assert re.fullmatch(r'"[0-9a-f]{40}"', launch.headers["ETag"])


def test_a_fault_of_our_own_is_500_with_the_version(
    offline: Settings, catalogue: Catalogue
) -> None:
    clock = Clock()

    async def run() -> httpx.Response:
        async with speaking(offline, catalogue, Memory(offline), clock) as (_, player):
            clock.now = "no time"  # type: ignore[assignment]
            return await player.post(GOOD)

    response = asyncio.run(run())
    assert response.status_code == 500
    assert response.headers["X-Experience-API-Version"] == "1.0.3"
    assert response.json()["errors"][0]["type"] == "internal"
