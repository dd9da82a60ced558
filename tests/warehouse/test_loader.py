"""The loader against a real Kafka: bad input, crashes, loss, and clear ends."""

import signal
import time
from threading import Event, Thread

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from pipeline.broker import topics
from pipeline.schemas.rejections import Rejection
from pipeline.settings import Settings
from tests.warehouse.helpers import CATALOGUE, entry, refusal, rows, story, teacher, warehouse
from tests.warehouse.live import (
    ended,
    eventually,
    in_snapshot,
    loading,
    send,
    until_landed,
)
from warehouse.errors import WarehouseError
from warehouse.loader import load

pytestmark = pytest.mark.kafka

COUNT = "SELECT count(*) FROM ledger"
HOSTILE: list[bytes | None] = [
    b"\xff garbage", b"", b"null", b"[" * 50_000, b'{"v":2}', None, b"x" * 900_000,
    b'{"teacher_id":"t","programme_id":"p","seq":9999999999999999999999,"kind":"started","at":1}',
]


def run_once(settings: Settings) -> None:
    """A loader that is told to stop at its start: it must find everything in order, or say."""
    stop = Event()
    stop.set()
    load(settings, CATALOGUE, stop)


def test_rule_19_bad_records_are_kept_and_no_good_one_beside_them_is_lost(
    settings: Settings,
) -> None:
    good = story("a", ("enrolled",), ("started",), ("learned", "ideals", 100, 100))
    send(settings, "ledger", [good[0], *HOSTILE[:4], good[1], *HOSTILE[4:], good[2]])
    send(settings, "roster", [b"garbage", teacher("a", "s1"), None])
    send(settings, "rejections", [b"garbage", refusal(5), refusal(5)])
    total = "SELECT count(*) FROM rejections"
    with loading(settings) as process:
        # 8 of the ledger, 2 of the roster, and on the rejections topic garbage and one refusal.
        eventually(lambda: in_snapshot(settings, total) == [(12,)])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert in_snapshot(settings, "SELECT seq FROM ledger ORDER BY seq") == [(1,), (2,), (3,)]
    assert in_snapshot(settings, "SELECT school_id FROM teachers") == [("s1",)]
    kept = in_snapshot(settings, f"""
        SELECT kafka_offset, raw FROM rejections
        WHERE topic = '{settings.topic('ledger')}' ORDER BY kafka_offset""")
    assert kept == [
        (offset, bad or b"") for offset, bad in zip((1, 2, 3, 4, 6, 7, 8, 9), HOSTILE, strict=True)]
    assert len(on_rejections_topic(settings)) == 10


def on_rejections_topic(settings: Settings) -> list[Rejection]:
    """What the loader itself sent to the rejections topic."""
    place = TopicPartition(settings.topic("rejections"), 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        consumer.assign([place])
        consumer.seek(place, 3)
        end, found = consumer.end_offsets([place])[place], []
        while consumer.position(place) < end:
            for records in consumer.poll(500).values():
                found += [Rejection.model_validate_json(r.value) for r in records]
    finally:
        consumer.close()
    return found


def test_a_loader_that_stops_leaves_a_snapshot_and_goes_on_where_it_was(
    settings: Settings,
) -> None:
    steps = story("a", ("enrolled",), ("started",))
    for number, step in enumerate(steps, 1):
        send(settings, "ledger", [step])
        with loading(settings) as process:
            until_landed(process)
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
            assert time.monotonic() - started < 10
        assert in_snapshot(settings, COUNT) == [(number,)]


def test_a_second_loader_ends_with_one_clear_line(settings: Settings) -> None:
    with warehouse(settings):
        done = ended(settings)
    assert done.returncode == 1
    assert done.stderr.strip().endswith("only one can run, stop it first")
    assert "Traceback" not in done.stderr


def test_offsets_do_not_pass_a_rejection_that_kafka_did_not_take(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    set_max_bytes(settings, 100)  # Kafka now refuses every rejection
    send(settings, "ledger", [entry("a", 1, "started"), b"garbage"])
    stop = Event()
    thread = Thread(target=load, args=(settings, CATALOGUE, stop))
    thread.start()
    eventually(lambda: "Kafka did not take 1 rejections" in caplog.text)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    with warehouse(settings) as db:
        assert rows(db, "SELECT count(*) FROM kafka_offsets") == [(0,)]
        assert rows(db, COUNT) == [(0,)]
    set_max_bytes(settings, 1_000_000)
    with loading(settings):
        eventually(lambda: in_snapshot(settings, "SELECT raw FROM rejections") == [(b"garbage",)])
    assert in_snapshot(settings, COUNT) == [(1,)]


def set_max_bytes(settings: Settings, limit: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    admin.alter_configs([ConfigResource(
        ConfigResourceType.TOPIC, settings.topic("rejections"),
        configs={"max.message.bytes": str(limit)})])
    admin.close()


def test_records_that_kafka_deleted_before_they_were_loaded_stop_the_loader(
    settings: Settings,
) -> None:
    send(settings, "ledger", story("a", ("enrolled",), ("started",)), partition=1)
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    admin.delete_records({TopicPartition(settings.topic("ledger"), 1): 1})
    admin.close()
    done = ended(settings)
    assert done.returncode == 1
    assert "ledger[1] has the offsets 1 to 2, the warehouse needs it from 0 on" in done.stderr
    assert "Nothing was skipped" in done.stderr.strip().splitlines()[-1]


def test_a_topic_made_anew_stops_the_loader(settings: Settings) -> None:
    run_once(settings)
    assert settings.kafka_bootstrap_servers
    topics.delete(settings.kafka_bootstrap_servers, settings.topic("ledger"))
    topics.create(settings.kafka_bootstrap_servers, settings)
    with pytest.raises(WarehouseError, match="ledger was deleted and made anew"):
        run_once(settings)


def test_a_missing_topic_is_a_clear_error(settings: Settings) -> None:
    other = settings.model_copy(update={"topic_prefix": "nobody-made-these."})
    with pytest.raises(WarehouseError, match="run `xueshi topics create`"):
        run_once(other)


def test_a_kafka_that_does_not_answer_is_a_clear_error(local: Settings) -> None:
    away = local.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    with pytest.raises(WarehouseError, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        load(away, CATALOGUE, Event(), patience_s=1.0)
