"""What only browsers need: CORS, and a token in the body of what a page sends as it is left."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from pipeline.collector.arrival import HEADER
from pipeline.collector.leaving import MAX_BYTES
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import Client, Clock, serving

OURS, THEIRS = "https://learn.example", "https://evil.example"
POST = hostile.post(hostile.beat())
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
Ask = Callable[[Client, str], Awaitable[httpx.Response]]


def answered(
    settings: Settings, catalogue: Catalogue, ask: Ask, memory: Memory | None = None,
    clock: Clock | None = None,
) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = memory or Memory(settings)
        async with serving(settings, catalogue, transport, clock or Clock()) as client:
            return await ask(client, (await client.open())["token"])

    return asyncio.run(run())


@pytest.fixture
def ours(offline: Settings) -> Settings:
    return offline.model_copy(update={"cors_origins": (OURS,)})


def posting(origin: str | None, **headers: str) -> Ask:
    async def ask(client: Client, token: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {token}", **headers}
        return await client.http.post("/v1/events", content=POST,
                                      headers=sent | ({"Origin": origin} if origin else {}))

    return ask


def preflight(origin: str) -> Ask:
    async def ask(client: Client, _: str) -> httpx.Response:
        return await client.http.options("/v1/events", headers={
            "Origin": origin, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})

    return ask


def allows(response: httpx.Response) -> bool:
    return any(name.startswith("access-control-") for name in response.headers)


def test_a_page_of_a_named_origin_may_read_answers(ours: Settings, catalogue: Catalogue) -> None:
    response = answered(ours, catalogue, posting(OURS))
    assert response.status_code == 202
    assert response.headers["access-control-allow-origin"] == OURS
    assert response.headers["access-control-expose-headers"] == "Retry-After"
    assert response.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", [None, THEIRS, "null", OURS + ":444", OURS.upper(),
                                    "http://learn.example", OURS + ".evil.example"])
def test_no_other_page_may(ours: Settings, catalogue: Catalogue, origin: str | None) -> None:
    response = answered(ours, catalogue, posting(origin))
    assert (response.status_code, allows(response)) == (202, False)


def test_a_preflight_is_answered(ours: Settings, catalogue: Catalogue) -> None:
    response = answered(ours, catalogue, preflight(OURS))
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == OURS
    assert response.headers["access-control-allow-methods"] == "POST"
    assert response.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    theirs = answered(ours, catalogue, preflight(THEIRS))
    assert (theirs.status_code, allows(theirs)) == (204, False)


def test_unset_no_origin_is_named(offline: Settings, catalogue: Catalogue) -> None:
    assert not allows(answered(offline, catalogue, posting(OURS)))
    response = answered(offline, catalogue, preflight(OURS))
    assert (response.status_code, allows(response)) == (405, False)


@pytest.mark.parametrize(("status", "ask", "away"), [
    pytest.param(401, posting(OURS, Authorization="Bearer x"), False, id="refused"),
    pytest.param(400, posting(OURS, **{HEADER: "1"}), False, id="simulated"),
    pytest.param(503, posting(OURS), True, id="later"),
])
def test_refusals_can_be_read_too(
    ours: Settings, catalogue: Catalogue, status: int, ask: Ask, away: bool
) -> None:
    response = answered(ours, catalogue, ask, Memory(ours, away=away))
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == OURS
    assert ("retry-after" in response.headers) == away


@pytest.mark.parametrize("said", ["*", "learn.example", "https://learn.example/", "https://*.x",
                                  "https://a@b", "https://"])
def test_an_origin_is_named_exactly(said: str) -> None:
    with pytest.raises(ValidationError):
        Settings(cors_origins=(said,))


def left(change: Callable[[str], bytes], **headers: str) -> Ask:
    async def ask(client: Client, token: str) -> httpx.Response:
        return await client.http.post("/v1/events", content=change(token),
                                      headers={**TEXT, **headers})

    return ask


def with_token(*events: Any) -> Callable[[str], bytes]:
    return lambda token: hostile.post(*events, token=token)


def test_rule_18_the_token_may_be_in_the_body(offline: Settings, catalogue: Catalogue) -> None:
    memory = Memory(offline)
    response = answered(offline, catalogue, left(with_token(hostile.beat())), memory)
    assert (response.status_code, response.json()) == (202, {"accepted": 1})
    assert memory.batches()[0].teacher_id == [hostile.TEACHER]


def test_rule_18_a_header_decides_alone(offline: Settings, catalogue: Catalogue) -> None:
    """Else a proxy that checks the header would have checked another play than ours."""
    for header, type_ in (("Bearer x", "token_invalid"), ("Basic x", "token_missing"),
                          ("", "token_missing")):
        response = answered(offline, catalogue,
                            left(with_token(hostile.beat()), Authorization=header))
        assert (response.status_code, response.json()["errors"][0]["type"]) == (401, type_)


@pytest.mark.parametrize(("type_", "change"), [
    pytest.param("token_missing", lambda _: POST, id="none"),
    pytest.param("token_missing", lambda _: b"{", id="no JSON"),
    pytest.param("token_missing", lambda _: b"[1]", id="a list"),
    pytest.param("token_missing", lambda _: hostile.post(token=None), id="null"),
    pytest.param("token_missing", lambda _: hostile.post(token=["x"]), id="a list of tokens"),
    pytest.param("token_invalid", lambda _: hostile.post(token="x.y.z"), id="forged"),
    pytest.param("token_invalid", lambda _: hostile.post(token="é\x00"), id="not ASCII"),
])
def test_rule_18_without_a_token_nothing_is_taken_or_kept(
    offline: Settings, catalogue: Catalogue, type_: str, change: Callable[[str], bytes]
) -> None:
    memory = Memory(offline)
    response = answered(offline, catalogue, left(change), memory)
    assert (response.status_code, response.json()["errors"][0]["type"]) == (401, type_)
    assert memory.sent == []


def test_rule_19_what_is_kept_of_a_refused_post_has_no_token(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline)
    tokens: list[str] = []

    def body(token: str) -> bytes:
        tokens.append(token)
        return hostile.post(token=token)

    response = answered(offline, catalogue, left(body), memory)
    assert response.status_code == 422
    (kept,) = memory.rejections()
    assert tokens[0].encode() not in memory.sent[0][2]
    assert kept.raw == b'{"events":[]}'


def test_good_events_beside_bad_ones_are_taken_also_here(
    offline: Settings, catalogue: Catalogue
) -> None:
    memory = Memory(offline)
    nan = hostile.beat(seq=7, to=float("nan"))
    response = answered(offline, catalogue, left(with_token(hostile.beat(), nan)), memory)
    assert (response.status_code, response.json()["accepted"]) == (422, 1)
    assert response.json()["errors"][0]["loc"] == ["events", 1, "to"]


def test_a_body_is_short_where_the_token_is_in_it(offline: Settings, catalogue: Catalogue) -> None:
    response = answered(offline, catalogue,
                        left(lambda token: hostile.post(token=token) + b" " * MAX_BYTES))
    assert (response.status_code, response.json()["errors"][0]["type"]) == (413, "body_too_large")


def test_pace_holds_also_here(offline: Settings, catalogue: Catalogue) -> None:
    settings = offline.model_copy(update={"posts_burst": 1, "posts_per_second": 0.5})

    async def twice(client: Client, token: str) -> httpx.Response:
        await left(with_token(hostile.beat()))(client, token)
        return await left(with_token(hostile.beat()))(client, token)

    response = answered(settings, catalogue, twice)
    assert (response.status_code, response.headers["retry-after"]) == (429, "2")
