"""Asked of the real Kafka: offsets, timestamps, owners, and a Kafka that is away."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from pipeline.broker import ports
from pipeline.broker.lag import patiently
from pipeline.broker.topics import connected
from pipeline.clock import now_ms
from pipeline.lag.figures import Seen
from pipeline.lag.groups import Group, loader_group, worker_group
from pipeline.lag.observing import Observer, Standing, timestamps
from pipeline.settings import Settings
from warehouse.notes import _commit

pytestmark = pytest.mark.kafka


def send(settings: Settings, topic: str, partition: int, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    for _ in range(count):
        producer.send(settings.topic(topic), b"x", partition=partition)
    producer.close()


def stamped(settings: Settings, topic: str, partition: int) -> tuple[int, int]:
    """Between which instants (epoch ms) one more record came; others come well before and after."""
    time.sleep(0.3)
    before = now_ms()
    send(settings, topic, partition, 1)
    return before, now_ms()


def commit(settings: Settings, group: str, topic: str, **offsets: int) -> None:
    told = {TopicPartition(settings.topic(topic), int(name[1:])): OffsetAndMetadata(at, "", None)
            for name, at in offsets.items()}
    with connected(bootstrap(settings)) as admin:
        patiently(lambda: _commit(admin, group, told))


def bootstrap(settings: Settings) -> str:
    return settings.kafka_bootstrap_servers or ""


def look(settings: Settings, *groups: Group, **more: Any) -> dict[tuple[str, str, int], Seen]:
    found = Observer(bootstrap(settings), now_ms).look(groups, more.get("more", {}))
    return {(one.place.group, one.place.topic.removeprefix(settings.topic_prefix),
             one.place.partition): one for one in found}


def test_seconds_behind_are_the_first_uncommitted_record_s_own(settings: Settings) -> None:
    """Kafka stamps a record when it comes; nothing is guessed between two stamps."""
    send(settings, "telemetry", 0, 1)
    second_came = stamped(settings, "telemetry", 0)
    time.sleep(0.3)
    send(settings, "telemetry", 0, 1)
    send(settings, "telemetry", 1, 1)
    group = worker_group(settings)
    commit(settings, group.name, "telemetry", p0=1, p1=1)
    found = look(settings, group)
    first, second = (found[group.name, "telemetry", number] for number in (0, 1))
    assert (first.committed, first.end) == (1, 3)
    assert first.oldest_at is not None
    assert second_came[0] <= first.oldest_at <= second_came[1]
    assert (second.committed, second.end, second.oldest_at) == (1, 1, None)
    never = found[group.name, "telemetry", 2]
    assert (never.committed, never.end, never.owner) == (0, 0, "")


def test_two_groups_at_different_places_of_one_partition(settings: Settings) -> None:
    send(settings, "ledger", 2, 3)
    third_came = stamped(settings, "ledger", 2)
    send(settings, "ledger", 2, 3)
    seventh_came = stamped(settings, "ledger", 2)
    loader, other = loader_group(settings), Group("other", loader_group(settings).topics)
    commit(settings, loader.name, "ledger", p2=3)
    published = {other: Standing({(settings.topic("ledger"), 2): 7}, {})}
    found = look(settings, loader, more=published)
    for group, came in ((loader.name, third_came), ("other", seventh_came)):
        oldest_at = found[group, "ledger", 2].oldest_at
        assert oldest_at is not None
        assert came[0] <= oldest_at <= came[1]


def test_marks_of_a_transaction_are_no_record(settings: Settings) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers,
                             transactional_id=settings.topic("test"))
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(settings.topic("ledger"), b"x", partition=0)
    producer.commit_transaction()
    producer.close()
    topic = settings.topic("ledger")
    assert timestamps(bootstrap(settings), {(topic, 0, 1): 2}) == {}
    assert set(timestamps(bootstrap(settings), {(topic, 0, 0): 2})) == {(topic, 0, 0)}


def test_an_owner_is_a_member_of_the_group(settings: Settings) -> None:
    group = Group(settings.topic("someone"), (settings.topic("enrolments"),))
    consumer = KafkaConsumer(
        settings.topic("enrolments"), bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=group.name, client_id="reader")
    try:
        deadline = time.monotonic() + 20
        while not consumer.assignment() and time.monotonic() < deadline:
            consumer.poll(timeout_ms=200)
        found = look(settings, group)
        assert {one.owner.partition("/")[0] for one in found.values()} == {"reader"}
    finally:
        consumer.close(autocommit=False)
    assert {one.owner for one in look(settings, group).values()} == {""}


def xueshi(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "lag", *arguments], capture_output=True, text=True,
        timeout=60, check=False, env={
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap(settings), "PATH": "",
            "XUESHI_TOPIC_PREFIX": settings.topic_prefix, "XUESHI_PARTITIONS": "4",
            "XUESHI_VAR_DIR": str(settings.var_dir), "XUESHI_LAND_SECONDS": "0.5"})


def test_exit_codes_say_how_bad_it_is(settings: Settings) -> None:
    quiet = xueshi(settings, "--json")
    assert (quiet.returncode, json.loads(quiet.stdout)["state"]) == (0, "OK")
    send(settings, "telemetry", 0, 1)
    stopped = xueshi(settings, "--window", "2")  # three flushes and five seconds at the least
    assert stopped.returncode == 4
    assert "STOP" in stopped.stdout
    commit(settings, worker_group(settings).name, "telemetry", p0=1)
    assert xueshi(settings, "--json").returncode == 0


@pytest.mark.soak  # live, its moments depend on the machine; test_states.py proves the rule itself
def test_a_slow_consumer_is_a_warning(settings: Settings) -> None:
    with committing_slowly(settings):
        # A look between its commit and its next two records may see it gain: then it is no WARN.
        looks = (xueshi(settings, "--json", "--window", "5",
                        "--group", "slow" + settings.topic_prefix) for _ in range(6))
        ended = next((one for one in looks if one.returncode == 3), None)
    assert ended, "never a warning"
    (group,) = json.loads(ended.stdout)["groups"]
    assert group["state"] == "WARN"
    assert group["rate"] > 0
    assert group["eta_seconds"] is None


@contextmanager
def committing_slowly(settings: Settings) -> Iterator[None]:
    """A consumer that commits one record where fifty have come: far more than can come or be
    committed between the two questions of one look.
    """
    over, begun = Event(), Event()
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    topic = settings.topic("enrolments")

    def work() -> None:
        with connected(bootstrap(settings)) as admin:
            for done in count(1):
                for _ in range(50):
                    producer.send(topic, b"x", partition=0)
                producer.flush(20)
                told = {TopicPartition(topic, 0): OffsetAndMetadata(done, "", None)}
                patiently(partial(_commit, admin, "slow" + settings.topic_prefix, told))
                begun.set()
                if over.wait(0.2):
                    return

    thread = Thread(target=work)
    thread.start()
    try:
        assert begun.wait(30)
        yield
    finally:
        over.set()
        thread.join()
        producer.close()


def test_a_group_that_nobody_knows_is_one_line(settings: Settings) -> None:
    ended = xueshi(settings, "--group", "misspelt")
    assert ended.returncode == 1
    assert ended.stderr == "Error: no group misspelt has committed anything: see its name\n"


def test_a_broker_that_is_away_is_one_line(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{ports.free()[0]}"})
    ended = xueshi(away)
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith(f"Error: Kafka at {away.kafka_bootstrap_servers} ")
    assert "does not answer" in line
