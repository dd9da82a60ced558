"""What one teacher may use, and that another one does not notice."""

import asyncio

import httpx
import pytest

from pipeline.collector.faults import RefusedError
from pipeline.collector.room import ALL_BYTES, NOBODY, NOBODYS_BYTES, OWN_BYTES, SMALL, Room
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Client, Clock, serving

Answers = list[tuple[int, str, str]]
GOOD = hostile.post(hostile.beat())


def told(response: httpx.Response) -> tuple[int, str, str]:
    """Status, type and Retry-After."""
    errors = response.json().get("errors", [{"type": ""}])
    return response.status_code, errors[0]["type"], response.headers.get("retry-after", "")


async def opened(client: Client, teacher: str) -> httpx.Response:
    return await client.http.post(
        "/v1/plays", headers={"Authorization": f"Bearer {KEY}"},
        json={"teacher_id": teacher, "resource_id": hostile.RESOURCE, "progress": False})


async def token(client: Client, teacher: str = "one") -> str:
    said: str = (await opened(client, teacher)).json()["token"]
    return said


def test_a_teachers_sessions_share_one_rate_and_another_teacher_has_another(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={
        "teacher_posts_burst": 3, "teacher_posts_per_second": 0.5})

    async def run() -> Answers:
        async with serving(settings, catalogue, Memory(settings)) as client:
            tokens = [await token(client) for _ in range(4)] + [await token(client, "two")]
            return [told(await client.post(one, GOOD)) for one in tokens]

    assert asyncio.run(run()) == [(202, "", "")] * 3 + [
        (429, "teacher_too_fast", "2"), (202, "", "")]


def test_plays_are_opened_for_a_teacher_at_a_rate(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={
        "teacher_plays_burst": 2, "teacher_plays_per_minute": 6.0})
    clock = Clock()

    async def run() -> Answers:
        async with serving(settings, catalogue, Memory(settings), clock) as client:
            answers = [told(await opened(client, who)) for who in ("one", "one", "one", "two")]
            clock.now += 10_000
            return [*answers, told(await opened(client, "one"))]

    played = (201, "", "")
    assert asyncio.run(run()) == [
        played, played, (429, "too_many_plays", "10"), played, played]


def test_too_many_events_are_429_and_nothing_of_the_post_is_taken(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={
        "teacher_events_burst": 5, "teacher_events_per_second": 0.5})
    memory, four = Memory(settings), hostile.post(*[hostile.beat(seq=n) for n in range(1, 5)])

    async def run() -> Answers:
        async with serving(settings, catalogue, memory) as client:
            return [told(await client.post(await token(client), body))
                    for body in (four, four, GOOD)]

    assert asyncio.run(run()) == [(202, "", ""), (429, "too_much", "6"), (202, "", "")]
    assert memory.events() == 5


def test_rule_19_what_is_refused_is_kept_up_to_a_bound_and_beyond_it_the_sender_is_told(
    offline: Settings, catalogue: Catalogue
) -> None:
    settings = offline.model_copy(update={
        "refused_bytes_burst": 1500, "refused_bytes_per_second": 100.0})
    memory, clock = Memory(settings), Clock()
    both = hostile.post(hostile.beat(seq=0), hostile.beat())

    async def run() -> Answers:
        async with serving(settings, catalogue, memory, clock) as client:
            one = await token(client)
            answers = [told(await client.post(one, both)) for _ in range(3)]
            answers.append(told(await client.post(one, GOOD)))
            clock.now += int(answers[2][2]) * 1000
            return [*answers, told(await client.post(one, both))]

    first, second, third, good, later = asyncio.run(run())
    assert [first[0], second[0], third[:2], good[0], later[0]] == [
        422, 422, (429, "too_much_refused"), 202, 422]
    assert (len(memory.rejections()), memory.events()) == (3, 4)


def test_what_is_compressed_is_415(offline: Settings, catalogue: Catalogue) -> None:
    async def run() -> httpx.Response:
        async with serving(offline, catalogue, Memory(offline)) as client:
            return await client.http.post("/v1/events", content=b"\x1f\x8b", headers={
                "Authorization": f"Bearer {await token(client)}", "Content-Encoding": "gzip"})

    assert told(asyncio.run(run()))[:2] == (415, "compressed")


def test_large_bodies_share_the_room_and_small_ones_need_none() -> None:
    room = Room()
    shares = [room.share("one") for _ in range(OWN_BYTES // 2**20)]
    for share in shares:
        share.hold(2**19)
        share.hold(2**20)
    with pytest.raises(RefusedError, match="no_room"):
        room.share("one").hold(SMALL + 1)
    room.share("one").hold(SMALL)
    room.share("two").hold(2**20)
    shares[0].let_go()
    shares[0].let_go()
    room.share("one").hold(2**20)


def test_the_room_is_bounded_for_all_and_for_those_nobody_knows() -> None:
    room = Room()
    room.share(NOBODY).hold(NOBODYS_BYTES)
    with pytest.raises(RefusedError, match="no_room"):
        room.share(NOBODY).hold(SMALL + 1)
    for number in range((ALL_BYTES - NOBODYS_BYTES) // OWN_BYTES):
        room.share(f"t{number}").hold(OWN_BYTES)
    with pytest.raises(RefusedError, match="no_room"):
        room.share("last").hold(SMALL + 1)
    assert room.total == ALL_BYTES
