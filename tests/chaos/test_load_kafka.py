"""The load straight to Kafka: what arrives is what was told, in its order."""

import random
import threading
import time

import pytest

from audit.evidence import Stored, stored
from chaos.load import LoadError, Order, kafka_load
from chaos.load.judging import claims
from chaos.load.kafka_load import KafkaSource, Record, mixed
from chaos.load.pacing import Pace
from chaos.load.planting import refusal_of
from chaos.load.sending import sending
from pipeline.settings import Settings
from simulator.roles import Role

ORDER = Order(teachers=55, heartbeats=4_000, seed=4, prefix="k-")


def read(settings: Settings, topic: str) -> list[Stored]:
    return list(stored(settings.kafka_bootstrap_servers or "", settings.topic(topic)))


@pytest.mark.kafka
def test_everything_arrives_once_a_delivery_and_in_order(settings: Settings) -> None:
    load = kafka_load(settings, ORDER)
    load.register()
    load.start()
    load.wait(60)
    source = load.source
    assert isinstance(source, KafkaSource)
    for topic in ("telemetry", "completions", "roster", "ledger", "rejections", "adjustments"):
        found = [(r.partition, r.key, r.value) for r in read(settings, topic)
                 if topic == "telemetry" or refusal_of(r.key)]
        told = [(r.partition, r.key, r.value) for r in source.records if r.topic == topic]
        for partition in range(settings.partitions):
            assert [one for one in found if one[0] == partition] == [
                one for one in told if one[0] == partition], topic
        assert told
    assert load.share() == 1.0
    assert not load.running()
    assert load.sent.events == source.total
    assert load.sent.records == sum(r.topic == "telemetry" for r in source.records)


@pytest.mark.kafka
def test_rule_21_who_enrols_late_does_so_after_all_playing(settings: Settings) -> None:
    load = kafka_load(settings, ORDER)
    load.register()
    early = {r.key for r in read(settings, "enrolments")}
    late = {t.teacher_id.encode() for t in load.truth if t.role == Role.LATE_ENROLLED}
    load.start()
    load.wait(60)
    after = {r.key for r in read(settings, "enrolments") if not refusal_of(r.key)}
    assert late
    assert after - early == late


@pytest.mark.kafka
def test_a_stopped_load_ends_at_once_and_says_so(settings: Settings) -> None:
    load = kafka_load(settings, Order(55, 4_000, 4, rate=500.0))
    load.start()
    with pytest.raises(TimeoutError, match="the load is at"):
        load.wait(1.0)
    assert 0 < load.share() < 0.5
    begun = time.monotonic()
    load.stop()
    load.stop()
    assert time.monotonic() - begun < 6
    with pytest.raises(LoadError, match="stopped"):
        load.wait(1)


@pytest.mark.kafka
def test_what_kafka_refuses_for_good_is_an_error(settings: Settings) -> None:
    with pytest.raises(LoadError, match=r"cannot send|did not take"), sending(
        settings.kafka_bootstrap_servers or "", threading.Event()
    ) as send:
        send(settings.topic("telemetry"), 0, None, b"x" * 5 * 2**20)


def test_the_same_order_is_the_same_load_and_tells_every_event() -> None:
    one, same, other = (kafka_load(Settings(), order).source for order in (
        ORDER, ORDER, Order(55, 4_000, 5, prefix="k-")))
    assert isinstance(one, KafkaSource)
    assert isinstance(same, KafkaSource)
    assert isinstance(other, KafkaSource)
    assert one.records == same.records != other.records
    genuine = [r.value for r in one.records if r.key is None]
    assert one.expected().acknowledged == {
        (claim.session_id, claim.seq) for value in genuine for claim in claims(value or b"")}
    assert len(one.expected().acknowledged) > 4_000


def test_hostile_records_may_be_anywhere_and_leave_the_others_in_order() -> None:
    genuine = [Record("t", 0, None, b"%d" % n, 1) for n in range(50)]
    poison = [Record("t", 0, b"p", b"%d" % n, 1) for n in range(50)]
    together = mixed(genuine, poison, random.Random(1))
    assert [one for one in together if one.key is None] == genuine
    assert sorted(one.value or b"" for one in together if one.key) == sorted(
        one.value or b"" for one in poison)
    assert sum(one.key is not None for one in together[:50]) in range(10, 40)


def test_a_pace_is_kept_on_average() -> None:
    pace = Pace(1_000.0)
    assert pace.due_in_s(500) == 0
    assert pace.due_in_s(100) == pytest.approx(0.5, abs=0.05)
    assert pace.due_in_s(1) == pytest.approx(0.6, abs=0.05)
    assert Pace(None).due_in_s(10**9) == 0
