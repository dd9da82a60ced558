"""The collector while Kafka is stopped, slow, silent, or refuses writes; and how it leaves."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from pipeline.collector.kafka import Kafka
from pipeline.collector.packing import KafkaAwayError
from pipeline.settings import Settings
from tests import hostile
from tests.collector.playing import Play, stored
from tests.collector.processes import Running, running
from tests.own_kafka import OwnKafka

pytestmark = pytest.mark.kafka

STOP_S = 10.0
GOOD, BAD = hostile.post(hostile.beat()), hostile.post(hostile.beat(seq=-1))


@pytest.fixture
def mine(own_kafka: OwnKafka, settings: Settings) -> Iterator[Settings]:
    quick = settings.model_copy(update={"kafka_timeout_seconds": 1.5})
    with own_kafka.topics(quick) as made:
        yield made


def later(response: httpx.Response) -> str:
    """The reason of a 503, which says when to come again."""
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["accepted"] == 0
    reason: str = response.json()["errors"][0]["type"]
    return reason


def until(what: Callable[[], bool], patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


def until_taken(collector: Running, token: str) -> None:
    until(lambda: collector.post(token, GOOD).status_code == 202)


@contextmanager
def limited(settings: Settings, name: str, size: int) -> Iterator[None]:
    """Kafka takes only so large records on the topic, for the block."""
    def alter(limit: int) -> None:
        with KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers) as admin:
            admin.alter_configs([ConfigResource(
                ConfigResourceType.TOPIC, settings.topic(name),
                configs={"max.message.bytes": str(limit)})])

    alter(size)
    try:
        yield
    finally:
        alter(4 * 1024 * 1024)


def test_rule_14_kafka_stopped_under_posts_and_started_again(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    play = Play(mine, teachers=40, posts=170, events=1)
    with running(mine, XUESHI_SIMULATION="true") as collector, ThreadPoolExecutor() as pool:
        collector.until_ready()
        playing = pool.submit(play.run)
        until(lambda: play.tally.posts > 100)
        own_kafka.broker.stop()
        until(lambda: play.tally.statuses["events", 503] > 0)
        collector.until_ready(503)
        own_kafka.start()
        playing.result(60)
        collector.until_ready()
    assert play.recorder is not None
    refused = {after for status, after in play.recorder.retry_after if status == 503}
    assert refused == {5.0}
    play.require_all_there()


def test_a_slow_kafka_is_waited_for_and_one_that_is_too_slow_is_503(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    with running(mine) as collector:
        collector.until_ready()
        token = collector.open()
        with own_kafka.broker.late(0.2):
            begun = time.monotonic()
            assert collector.post(token, GOOD).status_code == 202
            assert time.monotonic() - begun > 2 * 0.2, "it answered before Kafka did"
        with own_kafka.broker.late(2.0):
            assert later(collector.post(token, GOOD)) == "kafka_slow"
        until_taken(collector, token)


def test_a_topic_without_enough_replicas_is_503_until_it_has_them(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    with running(mine) as collector:
        collector.until_ready()
        token = collector.open()
        assert collector.post(token, GOOD).status_code == 202
        with own_kafka.broker.refusing(mine.topic("telemetry")) as error:
            assert error == "NotEnoughReplicasError"
            for _ in range(3):
                assert later(collector.post(token, GOOD)) in {"kafka_slow", "kafka_away"}
        until_taken(collector, token)


def test_a_topic_that_takes_no_record_so_large_is_503_until_it_does(mine: Settings) -> None:
    with running(mine) as collector:
        collector.until_ready()
        token = collector.open()
        with limited(mine, "telemetry", 50):
            for _ in range(3):
                assert later(collector.post(token, GOOD)) == "kafka_away"
        until_taken(collector, token)


@pytest.mark.parametrize("way", [
    "too large", pytest.param("not enough replicas", marks=pytest.mark.soak)])
def test_rule_19_a_topic_of_rejections_that_refuses_stops_no_good_post(
    own_kafka: OwnKafka, mine: Settings, way: str
) -> None:
    refusing = (limited(mine, "rejections", 50) if way == "too large"
                else own_kafka.broker.refusing(mine.topic("rejections")))
    with running(mine) as collector, ThreadPoolExecutor() as pool:
        collector.until_ready()
        good, bad = collector.open("teacher-good"), collector.open("teacher-bad")
        over = threading.Event()

        def keep_failing() -> set[int]:
            seen = set()
            while not over.is_set():
                seen.add(collector.post(bad, BAD).status_code)
                time.sleep(0.02)
            return seen

        with refusing:
            failing = pool.submit(keep_failing)
            statuses = [collector.post(good, GOOD).status_code for _ in range(15)]
            over.set()
            assert failing.result(10) <= {503, 429}
        until(lambda: collector.post(bad, BAD).status_code == 422)
    assert statuses == [202] * 15
    assert stored(mine).keys()


def test_sigterm_while_kafka_is_silent_answers_all_and_leaves(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    """However often it is told."""
    slow = mine.model_copy(update={"kafka_timeout_seconds": 30.0})
    with running(slow) as collector, ThreadPoolExecutor() as pool:
        collector.until_ready()
        tokens = [collector.open(f"teacher-{number}") for number in range(5)]
        with own_kafka.broker.silent():
            before = own_kafka.broker.proxy.came
            answers = [pool.submit(collector.post, token, GOOD) for token in tokens]
            until(lambda: own_kafka.broker.proxy.came > before)
            for _ in range(2):
                collector.process.send_signal(signal.SIGTERM)
            assert collector.process.wait(STOP_S) == 0
            assert [answer.result(1).status_code for answer in answers] == [503] * 5


@pytest.mark.parametrize("number", [
    signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.soak), signal.SIGKILL])
def test_rule_14_sigterm_under_load_keeps_what_it_acknowledged(
    settings: Settings, number: signal.Signals
) -> None:
    """And a second signal meanwhile, be it a kill, changes nothing of that."""
    play = Play(settings, teachers=20, posts=60)
    with ThreadPoolExecutor() as pool:
        with running(settings, XUESHI_SIMULATION="true") as collector:
            collector.until_ready()
            playing = pool.submit(play.run)
            until(lambda: play.tally.posts > 300)
            collector.process.send_signal(signal.SIGTERM)
            collector.process.send_signal(number)
            code = collector.process.wait(STOP_S)
            assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
        with running(settings, XUESHI_SIMULATION="true"):
            playing.result(60)
    assert play.tally.retries > 0
    play.require_all_there()


def test_a_producer_that_breaks_down_is_replaced(settings: Settings) -> None:
    """Whatever ends aiokafka's own task would otherwise make every post a 503 for ever."""
    topic = settings.topic("telemetry")

    async def send_on(transport: Kafka) -> bool:
        try:
            await transport.send(topic, 0, b"{}")
        except KafkaAwayError:
            await asyncio.sleep(0.05)
            return False
        return True

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of its own")

    async def main() -> None:
        transport = Kafka(str(settings.kafka_bootstrap_servers), 5.0)
        await transport.start()
        async with asyncio.timeout(20):
            while not await send_on(transport):
                pass
            first = transport._producer
            first._message_accumulator.drain_by_nodes = broken
            assert not await send_on(transport)
            while not await send_on(transport):
                pass
            assert transport._producer is not first
        await transport.stop()

    asyncio.run(main())
