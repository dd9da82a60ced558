"""The loader while Kafka is away, silent, slow, or refuses its dead letters; and how it leaves."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest

from pipeline.settings import Settings
from tests.own_kafka import OwnKafka
from tests.warehouse.live import loading, send
from tests.warehouse.summer import GARBAGE, Summer, copied
from warehouse.store import is_locked

pytestmark = pytest.mark.kafka

STOP_S = 10.0


@pytest.fixture
def mine(own_kafka: OwnKafka, settings: Settings) -> Iterator[Settings]:
    with own_kafka.topics(settings) as made:
        yield made


def told(process: "subprocess.Popen[str]", what: str) -> str:
    """Wait for the line of its log that says so."""
    assert process.stderr is not None
    return next(line for line in process.stderr if what in line)


def leaves(process: "subprocess.Popen[str]", *numbers: signal.Signals) -> None:
    """It ends with 0 in time after these signals."""
    for number in numbers or (signal.SIGTERM,):
        process.send_signal(number)
    assert process.wait(STOP_S) == 0


@pytest.mark.soak
def test_rule_14_kafka_stopped_and_started_again(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    summer = Summer(mine)
    summer.send_part()
    with loading(mine) as process:
        told(process, "landed")
        own_kafka.broker.stop()
        told(process, "Kafka does not answer: the loader waits")
        own_kafka.start()
        summer.send_part()
        summer.await_all()
        leaves(process)


@pytest.mark.soak
def test_rule_14_a_slow_kafka_only_makes_it_late(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    summer, proxy = Summer(mine), own_kafka.broker.proxy
    summer.send_part()
    with own_kafka.broker.late(0.05), loading(mine) as process:
        before, proxy.bytes_per_s = proxy.passed, 200_000
        summer.await_all()
        proxy.bytes_per_s = float("inf")
        assert proxy.passed > before
        leaves(process)


def test_rule_19_a_topic_that_refuses_dead_letters_makes_it_wait(
    own_kafka: OwnKafka, mine: Settings, tmp_path: Path
) -> None:
    """NotEnoughReplicas; for what is too large, see test_loader.py."""
    summer = Summer(mine)
    with ExitStack() as refusing:
        error = refusing.enter_context(own_kafka.broker.refusing(mine.topic("rejections")))
        assert error == "NotEnoughReplicasError"
        summer.send_part()
        with loading(mine) as process:
            told(process, f"Kafka did not take {GARBAGE} rejections")
            with copied(mine, tmp_path / "copy") as db:
                assert not summer.require_consistent(db), "offsets went past what is not kept"
            refusing.close()
            summer.await_all()


def test_it_leaves_in_time_while_kafka_is_silent_however_often_it_is_told(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    summer = Summer(mine)
    with loading(mine) as process:
        told(process, "loading from")
        with own_kafka.broker.silent():
            leaves(process, signal.SIGTERM, signal.SIGTERM, signal.SIGINT)
    summer.send_part()
    with loading(mine):
        summer.await_all()


@pytest.mark.soak
def test_it_leaves_in_time_with_dead_letters_that_kafka_does_not_take(
    own_kafka: OwnKafka, mine: Settings
) -> None:
    summer = Summer(mine)
    summer.send_part()
    with loading(mine) as process:
        told(process, "landed")
        send(mine, "ledger", [b"garbage" for _ in range(50)], partition=2)
        with own_kafka.broker.silent():
            leaves(process)


@pytest.mark.soak
@pytest.mark.parametrize("much", [1, 1500, 2500, 4000, 5000])
def test_it_leaves_in_time_while_it_starts_and_kafka_falls_silent(
    own_kafka: OwnKafka, mine: Settings, much: int
) -> None:
    """At a place of its start, told by how many bytes it has said and heard."""
    proxy = own_kafka.broker.proxy
    begun = proxy.passed
    with loading(mine) as process:
        while proxy.passed < begun + much or not is_locked(
                mine.warehouse_path.with_name("loader.lock")):
            assert process.poll() is None
        with own_kafka.broker.silent():
            leaves(process)


def test_it_leaves_in_time_under_load_and_a_kill_meanwhile_is_safe(settings: Settings) -> None:
    summer, enough = Summer(settings), Event()

    def feed() -> None:
        while not enough.is_set():
            summer.send_part()

    feeder = Thread(target=feed)
    feeder.start()
    try:
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            with loading(settings) as process:
                told(process, "landed")
                process.send_signal(signal.SIGTERM)
                if number is not None:
                    process.send_signal(number)
                assert process.wait(STOP_S) == (
                    -signal.SIGKILL if number == signal.SIGKILL else 0)
    finally:
        enough.set()
        feeder.join()
    with loading(settings):
        summer.await_all()
