"""`GET /v1/progress`, and a play's `progress`: a worker's answer, handed on (rule 26, ADR 21)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest

from pipeline.collector import progress
from pipeline.collector.arrival import HEADER
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, NOW, Client, Clock, serving
from tests.learner.worker import Mood, worker

OURS = "https://learn.example"
Ask = Callable[[Client], Awaitable[Any]]
OF_QUIZ = {"quiz_id": hostile.QUIZ, "passed": False, "missing_after": [],
           "attempts": {"limit": 3, "left": 0, "next_at": NOW}}
SAID: dict[str, Any] = {
    "resource_id": hostile.RESOURCE, "continue_at_ms": 15_000, "heard": [1, 4],
    "programmes": [{
        "programme_id": "programme-1", "state": "started", "counts_now": True,
        "covered": [0, 15_000], "missing": [15_000, 600_000], "to_watch": [15_000, 600_000],
        "continue_at_ms": 15_000, "quizzes": [OF_QUIZ]}],
}
# What no player may see, should a worker ever say it.
LEAKY = {**SAID, "teacher_id": hostile.TEACHER, "key": {"1": "A"}, "programmes": [
    {**SAID["programmes"][0], "course_id": "c", "quizzes": [
        {**OF_QUIZ, "score": 0.5, "right": ["1"], "key": {"1": "A"}}]}]}


@pytest.fixture
def mood() -> Iterator[Mood]:
    with worker() as (url, mood):
        mood.body = orjson.dumps(LEAKY)
        mood.url = url
        yield mood


@pytest.fixture
def asking(offline: Settings, mood: Mood) -> Settings:
    return offline.model_copy(update={"worker_url": mood.url, "cors_origins": (OURS,)})


def done(settings: Settings, catalogue: Catalogue, ask: Ask, clock: Clock | None = None) -> Any:
    async def run() -> Any:
        async with serving(settings, catalogue, Memory(settings), clock or Clock()) as client:
            return await ask(client)

    return asyncio.run(run())


async def ask(client: Client, token: str, **headers: str) -> httpx.Response:
    return await client.http.get(
        "/v1/progress", headers={"Authorization": f"Bearer {token}", **headers})


async def asked(client: Client) -> httpx.Response:
    return await ask(client, (await client.open())["token"], Origin=OURS)


def test_rule_26_a_player_is_told_what_the_worker_says(
    asking: Settings, catalogue: Catalogue, mood: Mood
) -> None:
    async def both(client: Client) -> tuple[dict[str, Any], httpx.Response]:
        play = await client.open()
        return play, await ask(client, play["token"], Origin=OURS)

    play, response = done(asking, catalogue, both)
    assert play["progress"] == SAID, "and nothing else: no key, no score, no teacher (rule 10)"
    assert (response.status_code, response.json()) == (200, SAID)
    assert response.headers["access-control-allow-origin"] == OURS
    assert response.headers["cache-control"] == "no-store"
    path = f"/v1/teachers/{hostile.TEACHER}/resources/{hostile.RESOURCE}"
    assert mood.asked == [f"{path}?session={play['session_id']}&at={NOW}"] * 2


def test_rule_18_a_token_opens_its_own_teachers_resource_and_nothing_else(
    asking: Settings, catalogue: Catalogue, mood: Mood
) -> None:
    async def try_all(client: Client) -> list[httpx.Response]:
        token = (await client.open())["token"]
        mood.asked.clear()
        query = "?teacher_id=other&resource_id=video-2&session=s"
        await client.http.get(f"/v1/progress{query}", headers={"Authorization": f"Bearer {token}"})
        return [await ask(client, one) for one in ("", "x", KEY, token[:-2])]

    refusals = done(asking, catalogue, try_all)
    assert [one.status_code for one in refusals] == [401] * 4
    assert [path.split("?")[0] for path in mood.asked] == [
        f"/v1/teachers/{hostile.TEACHER}/resources/{hostile.RESOURCE}"]


def test_an_expired_token_opens_nothing(asking: Settings, catalogue: Catalogue) -> None:
    clock = Clock()

    async def late(client: Client) -> httpx.Response:
        token = (await client.open())["token"]
        clock.now += 12 * 3600 * 1000
        return await ask(client, token)

    response = done(asking, catalogue, late, clock)
    assert (response.status_code, response.json()["errors"][0]["type"]) == (401, "token_expired")


@pytest.mark.parametrize(("status", "body"), [
    (503, b"{}"), (401, b"{}"), (500, b"x"), (200, b"not JSON"), (200, b'{"heard": []}'),
])
def test_a_worker_in_trouble_is_ask_again(
    asking: Settings, catalogue: Catalogue, mood: Mood, status: int, body: bytes
) -> None:
    mood.status, mood.body = status, body

    async def both(client: Client) -> tuple[dict[str, Any], httpx.Response]:
        return await client.open(), await asked(client)

    play, response = done(asking, catalogue, both)
    assert play["progress"] is None, "a play opens all the same"
    assert (response.status_code, response.json()["errors"][0]["type"]) == (503, "worker_away")
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["access-control-allow-origin"] == OURS


def test_a_resource_that_the_workers_do_not_list_is_404(
    asking: Settings, catalogue: Catalogue, mood: Mood
) -> None:
    mood.status, mood.body = 404, b"{}"
    response = done(asking, catalogue, asked)
    assert (response.status_code, response.json()["errors"][0]["type"]) == (404, "unknown_resource")


def test_who_wants_no_progress_asks_nobody(
    asking: Settings, catalogue: Catalogue, mood: Mood
) -> None:
    async def open_quickly(client: Client) -> dict[str, Any]:
        body = {"teacher_id": hostile.TEACHER, "resource_id": hostile.RESOURCE, "progress": False}
        answer = await client.http.post(
            "/v1/plays", json=body, headers={"Authorization": f"Bearer {KEY}"})
        play: dict[str, Any] = answer.json()
        return play

    assert done(asking, catalogue, open_quickly)["progress"] is None
    assert mood.asked == []


def test_polling_is_paced_by_session(asking: Settings, catalogue: Catalogue, mood: Mood) -> None:
    settings = asking.model_copy(update={"progress_burst": 3, "progress_per_second": 0.5})

    async def poll(client: Client) -> list[httpx.Response]:
        first, second = [(await client.open())["token"] for _ in range(2)]
        return [await ask(client, one) for one in (first, first, first, first, second)]

    answers = done(settings, catalogue, poll)
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 200]
    assert answers[3].headers["retry-after"] == "2"
    assert len(mood.asked) == 2 + 4, "who is too fast reaches no worker"


def test_polling_takes_nothing_from_posts(asking: Settings, catalogue: Catalogue) -> None:
    """Each has a pace of its own."""
    settings = asking.model_copy(update={"progress_burst": 2, "posts_burst": 2})

    async def both(client: Client) -> list[int]:
        token = (await client.open())["token"]
        for _ in range(3):
            await ask(client, token)
        post = hostile.post(hostile.beat())
        return [(await client.post(token, post)).status_code for _ in range(3)]

    assert done(settings, catalogue, both) == [202, 202, 429]


def test_a_dead_worker_slows_no_post_and_piles_nothing_up(
    asking: Settings, catalogue: Catalogue, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes connections and never answers. Plays open, posts are taken, at once."""
    monkeypatch.setattr(progress, "TIMEOUT_S", 0.3)
    mood.sleep_s = 1.0

    async def under_it(client: Client) -> tuple[float, float, int]:
        plays = [asyncio.create_task(client.open(teacher=f"t{n}")) for n in range(300)]
        begun = time.monotonic()
        opened = await asyncio.gather(*plays)
        opening = time.monotonic() - begun
        assert all(play["progress"] is None for play in opened)
        polls = [asyncio.create_task(ask(client, play["token"])) for play in opened[:100]]
        begun = time.monotonic()
        statuses = [(await client.post(play["token"], hostile.post(hostile.beat()))).status_code
                    for play in opened[:20]]
        posting = time.monotonic() - begun
        assert statuses == [202] * 20
        assert {one.status_code for one in await asyncio.gather(*polls)} == {503}
        return opening, posting, len(mood.asked)

    opening, posting, reached = done(asking, catalogue, under_it)
    # Generous, for a loaded machine: one after the other they would have waited for 60 s and more.
    assert opening < 20, "what is too much is not even asked"
    assert posting < 20
    assert reached <= progress.AT_ONCE + 2


def test_no_more_than_so_many_ask_at_once(
    asking: Settings, catalogue: Catalogue, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is slow, but answers: those who came first are told, the others at once "away"."""
    monkeypatch.setattr(progress, "AT_ONCE", 4)
    mood.sleep_s = 0.3

    async def flood(client: Client) -> list[bool]:
        plays = await asyncio.gather(*(client.open(teacher=f"t{n}") for n in range(20)))
        return [play["progress"] is not None for play in plays]

    assert sum(done(asking, catalogue, flood)) == 4
    assert len(mood.asked) == 4


def test_after_a_rest_a_worker_that_is_back_is_asked_again(
    asking: Settings, catalogue: Catalogue, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PAUSE_S", 0.4)
    mood.status = 503

    async def live(client: Client) -> list[bool]:
        seen = []
        for _ in range(progress.FAILURES):
            seen.append((await client.open())["progress"] is None)
        mood.status = 200
        seen.append((await client.open())["progress"] is None)
        await asyncio.sleep(0.5)
        for mood.status in (200, 503, 200):  # one failure is no reason to rest again
            seen.append((await client.open())["progress"] is None)
        return seen

    assert done(asking, catalogue, live) == [True] * progress.FAILURES + [True, False, True, False]
    assert len(mood.asked) == progress.FAILURES + 3


def test_rule_15_the_moment_is_the_collectors_also_when_it_is_simulated(
    asking: Settings, catalogue: Catalogue, mood: Mood
) -> None:
    settings = asking.model_copy(update={"simulation": True})

    async def later(client: Client) -> httpx.Response:
        token = (await client.open())["token"]
        return await ask(client, token, **{HEADER: str(NOW + 60_000)})

    assert done(settings, catalogue, later).status_code == 200
    assert mood.asked[-1].endswith(f"&at={NOW + 60_000}")
    assert done(asking, catalogue, later).status_code == 400


@pytest.mark.parametrize(("path", "method"), [("/v1/events", "POST"), ("/v1/progress", "GET")])
def test_a_preflight_names_the_method(
    asking: Settings, catalogue: Catalogue, path: str, method: str
) -> None:
    async def preflight(client: Client) -> httpx.Response:
        return await client.http.options(path, headers={
            "Origin": OURS, "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization"})

    response = done(asking, catalogue, preflight)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-methods"] == method
    assert "Authorization" in response.headers["access-control-allow-headers"]
