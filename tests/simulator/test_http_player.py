"""Playing over real HTTP against a small stand-in for the collector."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp.test_utils import TestServer

from pipeline.settings import Settings
from simulator.actions import Action, Answers, Beat, Open, Post, Trick
from simulator.http_player import CollectorAwayError, Tally, play_all
from simulator.world import World, make_world
from tests.simulator.fake_collector import KEY, FakeCollector

Teachers = list[tuple[str, list[Action]]]


def played(collector: FakeCollector, teachers: Teachers, key: str = KEY) -> Tally:
    async def run() -> Tally:
        tally = Tally()
        async with TestServer(collector.app()) as server:
            streams = ((id_, iter(actions)) for id_, actions in teachers)
            await play_all(str(server.make_url("/")), key, streams, tally)
        return tally

    return asyncio.run(run())


def simple(posts: int = 3) -> list[Action]:
    beats = (Post(10_000 * n, "p1", (Beat(n, 15_000 * n, 15_000 * n + 15_000, 150),))
             for n in range(1, posts + 1))
    return [Open(5_000, "p1", "v1"), *beats]


def test_a_post_is_written_as_players_write_it() -> None:
    collector = FakeCollector()
    quiz = Answers(2, "q1", {"1": "A", "2": ("B", "C")})
    played(collector, [("t1", [Open(1, "p1", "v1"), Post(
        7_000, "p1", (Beat(1, 0, 4_900, 75), quiz))])])
    assert collector.received == [("t1", 7_000, {"events": [
        {"type": "heartbeat", "seq": 1, "from": 0.0, "to": 4.9, "rate": 0.75},
        {"type": "quiz", "seq": 2, "quiz_id": "q1", "answers": {"1": "A", "2": ["B", "C"]}},
    ]})]


def test_rule_10_a_cheat_adds_a_score_of_its_own() -> None:
    collector = FakeCollector()
    cheat = Answers(1, "q1", {"1": "A"}, claims_pass=True)
    played(collector, [("t1", [Open(1, "p1", "v1"), Post(2, "p1", (cheat,))])])
    [(_, _, body)] = collector.received
    assert body["events"][0]["passed"] is True
    assert body["events"][0]["score"] == 100


def test_what_one_teacher_sends_arrives_in_order() -> None:
    collector = FakeCollector()
    tally = played(collector, [(f"t{n}", simple(20)) for n in range(150)])
    for n in range(150):
        assert [at for id_, at, _ in collector.received if id_ == f"t{n}"] == [
            10_000 * k for k in range(1, 21)]
    assert (tally.plays, tally.posts, tally.heartbeats) == (150, 3000, 3000)


def test_the_whole_world_is_answered_as_expected() -> None:
    world = make_world(Settings(), teachers=100, seed=1, heartbeats=20_000)
    collector = FakeCollector(
        lengths={video.id: video.duration_ms / 1000 for video in world.catalogue.main.videos})
    tally = played(collector, everyone(world))
    assert tally.unexpected == 0, tally.examples
    assert tally.statuses == tally.expected
    assert tally.refusals_expected == {
        status: count for status, count in collector.statuses.items() if status >= 400}
    assert set(tally.refusals_expected) == {401, 403, 422}
    assert tally.heartbeats >= 20_000


def everyone(world: World) -> Teachers:
    return [(person.id, list(world.actions(person))) for person in world.population.people]


@pytest.mark.parametrize("status", [429, 503])
def test_a_post_turned_away_is_sent_again(status: int) -> None:
    collector = FakeCollector(hiccups=[status, status])
    tally = played(collector, [("t1", simple())])
    assert [body["events"][0]["seq"] for _, _, body in collector.received] == [1, 2, 3]
    assert tally.retries == 2
    assert tally.unexpected == 0
    assert tally.statuses["play", status] == 2


def test_429_lets_virtual_time_go_by_for_all_that_follows() -> None:
    collector = FakeCollector(hiccups=[429], retry_after="3")
    played(collector, [("t1", simple())])
    assert [at for _, at, _ in collector.received] == [13_000, 23_000, 33_000]


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_an_unexpected_answer_is_counted_and_shown(status: int) -> None:
    collector = FakeCollector()

    def misbehaving() -> Iterator[Action]:
        for action in simple(2):
            yield action
            collector.hiccups += [status]  # for the request that follows

    async def run() -> Tally:
        tally = Tally()
        async with TestServer(collector.app()) as server:
            await play_all(str(server.make_url("/")), KEY, iter([("t1", misbehaving())]), tally)
        return tally

    tally = asyncio.run(run())
    assert tally.unexpected == 2
    assert tally.examples[0].startswith(f"t1, events: not 202 but {status}")


def test_a_trick_that_gets_through_is_unexpected() -> None:
    post = Post(2, "p1", (Beat(1, 0, 9_000, 100),), Trick.OTHER_RESOURCE, claimed_resource="v1")
    tally = played(FakeCollector(), [("t1", [Open(1, "p1", "v1"), post])])
    assert tally.unexpected == 1
    assert tally.expected["other_resource", 403] == 1
    assert tally.statuses["other_resource", 202] == 1


def test_a_collector_that_stays_away_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.http_player.PATIENCE", 2)
    with pytest.raises(CollectorAwayError, match="no answer to t1 after 2 attempts"):
        asyncio.run(play_all("http://127.0.0.1:9", KEY, iter([("t1", iter(simple()))]), Tally()))


def test_a_collector_that_stays_busy_is_one_clear_error() -> None:
    with pytest.raises(CollectorAwayError, match="status 429 to t1"):
        played(FakeCollector(hiccups=[429] * 100), [("t1", simple())])


def test_a_wrong_platform_key_is_one_clear_error() -> None:
    with pytest.raises(CollectorAwayError, match="opens no play for us: 401"):
        played(FakeCollector(), [("t1", simple())], key="wrong")
