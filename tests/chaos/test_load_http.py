"""The load over HTTP: clients that never give up, and whose clocks nobody may believe."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from chaos.load import LoadError, Order, Sent, http_load
from chaos.load.doors import Doors
from chaos.load.http_load import DAY_MS, IN, HttpSource
from chaos.load.pacing import Pace
from pipeline.broker import ports
from pipeline.settings import Settings
from simulator.actions import Post
from simulator.door import Reply
from simulator.world import make_world
from tests.simulator.fake_collector import KEY, FakeCollector

SETTINGS = Settings(platform_key=SecretStr(KEY.ljust(16, "-")))
ORDER = Order(teachers=55, heartbeats=6_000, seed=2, prefix="h-")
SKEWS = (-1500, 1500)


def played(
    collector: FakeCollector, order: Order = ORDER, dead: bool = False,
    meanwhile: Callable[[threading.Event], None] = lambda _: None,
) -> tuple[HttpSource, Sent]:
    """Play it through two doors of one collector, and a third where nobody answers."""
    catalogue = make_world(SETTINGS, 2, 1, 100).catalogue
    collector.lengths = {video.id: video.duration_ms / 1000 for video in catalogue.main.videos}

    async def run() -> tuple[HttpSource, Sent]:
        async with TestServer(collector.app()) as one, TestServer(collector.app()) as other:
            urls = [str(server.make_url("/")) for server in (one, other)]
            urls += [f"http://127.0.0.1:{ports.free()[0]}"] if dead else []
            return await asyncio.to_thread(_play, urls)

    def _play(urls: Sequence[str]) -> tuple[HttpSource, Sent]:
        source = http_load(SETTINGS, urls, order, SKEWS).source
        assert isinstance(source, HttpSource)
        sent, stopping = Sent(), threading.Event()
        thread = threading.Thread(target=meanwhile, args=(stopping,))
        thread.start()
        try:
            source.play(sent, stopping)
        finally:
            thread.join()
        return source, sent

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulator.fake_collector.KEY", KEY.ljust(16, "-"))


def events(collector: FakeCollector) -> Counter[tuple[str, int]]:
    return Counter((teacher, event["seq"]) for teacher, _, body in collector.received
                   for event in body["events"])


def test_every_acknowledged_event_is_told_and_was_taken_in() -> None:
    collector = FakeCollector()
    source, sent = played(collector)
    expected = source.expected()
    assert sent.events == source.total == sum(events(collector).values()) >= 6_000
    assert sent.posts == sum(source.tally.statuses[kind, status] for kind, status in
                             source.tally.statuses if kind != "play")
    assert len(expected.acknowledged) > 5_000
    assert sent.sent_again == 0
    assert {teacher[:3] for teacher, _, _ in collector.received} == {"h-t"}


def test_what_collectors_refuse_and_keep_is_known_beforehand() -> None:
    source, _ = played(FakeCollector())
    refused = source.expected().refused
    statuses = source.tally.statuses
    assert set(refused) == {("collector", "malformed"), ("collector", "bad_stretch")}
    assert refused["collector", "malformed"] == statuses["garbage", 422] * 8 // 9 > 0
    assert refused["collector", "bad_stretch"] > statuses["garbage", 422] // 9


def test_a_collector_that_is_away_or_busy_costs_nothing_but_time() -> None:
    order = Order(teachers=55, heartbeats=2_000, seed=3)
    source, sent = played(FakeCollector(hiccups=[503] * 30), order, dead=True)
    assert sent.sent_again > 100, "a third of all went to where nobody answers"
    assert sent.events == source.total
    assert source.tally.unexpected == 0
    wanted = {(person.id, action.play, event.seq) for person in source.world.population.people
              for action in source.world.actions(person) if isinstance(action, Post)
              for event in action.events if action.trick in IN}
    assert len(source.expected().acknowledged) == len(wanted)


def test_rule_15_clients_clocks_are_a_day_wrong_and_collectors_seconds() -> None:
    collector = FakeCollector()
    played(collector)
    off = [body["sent_at"] - at for _, at, body in collector.received]
    assert {round(by / DAY_MS) for by in off} == {-1, 1}
    assert {by % DAY_MS for by in off} == {1500, DAY_MS - 1500}, "whichever collector it was"
    _, _, body = collector.received[0]
    assert {event["received_at"] for event in body["events"]} == {body["sent_at"]}


def test_a_stopped_load_ends_soon_and_says_so() -> None:
    begun = time.monotonic()

    def stop(stopping: threading.Event) -> None:
        time.sleep(0.5)
        stopping.set()

    with pytest.raises(LoadError, match="stopped"):
        played(FakeCollector(), Order(55, 6_000, 2, rate=1_000.0), meanwhile=stop)
    assert time.monotonic() - begun < 10


def test_an_answer_that_cannot_be_is_an_error_of_the_load() -> None:
    with pytest.raises(LoadError, match="opens no play for us: 400"):
        played(FakeCollector(hiccups=[503] * 5 + [400] * 400))


class Broken:
    """A collector that loses its answers: it takes a post in, and the connection is gone."""

    def __init__(self) -> None:
        self.took: list[Any] = []

    async def open(self, at: int, teacher_id: str, resource_id: str) -> Reply:
        raise TimeoutError

    async def post(self, at: int, token: str, body: bytes) -> Reply:
        self.took.append(orjson.loads(body))
        raise TimeoutError


def test_what_was_not_acknowledged_is_not_claimed_to_be() -> None:
    broken, stopping = Broken(), threading.Event()
    doors = Doors([(broken, 0)], DAY_MS, random.Random(1), Pace(None), Sent(), stopping)

    async def post() -> None:
        asyncio.get_running_loop().call_later(0.2, stopping.set)
        await doors.post(1, "no token", orjson.dumps({"events": [{"seq": 7}]}))

    with pytest.raises(LoadError):
        asyncio.run(post())
    assert broken.took
    assert doors.acknowledged == set()
    assert doors.sent.events == 0
    assert doors.sent.sent_again == len(broken.took)
