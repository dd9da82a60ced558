"""Topics on a real broker, by kafka-python and by aiokafka."""

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from pipeline.broker import layout, topics
from pipeline.broker.errors import BrokerError
from pipeline.schemas.topics import TOPICS
from pipeline.settings import Settings

pytestmark = pytest.mark.kafka


def test_the_catalogue_is_created_once(kafka: str, settings: Settings) -> None:
    fresh = settings.model_copy(update={"topic_prefix": settings.topic_prefix + "again."})
    assert sorted(topics.check(kafka, fresh)) == sorted(
        f"{fresh.topic(topic.name)}: missing" for topic in TOPICS
    )
    assert sorted(topics.create(kafka, fresh)) == sorted(fresh.topic(t.name) for t in TOPICS)
    assert topics.create(kafka, fresh) == []
    assert topics.check(kafka, fresh) == []


def wait_until(holds: Callable[[], bool], patience_s: float = 5.0) -> None:
    """A change that Kafka confirmed shows in its metadata a little later."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_drift_is_told_in_words_and_left_alone(kafka: str, settings: Settings) -> None:
    ledger, roster = settings.topic("ledger"), settings.topic("roster")
    with KafkaAdminClient(bootstrap_servers=kafka) as admin:
        admin.create_partitions({ledger: 6})
        admin.alter_configs([
            ConfigResource(ConfigResourceType.TOPIC, roster, {"cleanup.policy": "compact"})
        ])
    topics.delete(kafka, settings.topic("enrolments"))
    drift = {
        f"{ledger}: partitions is 6, should be 4",
        f"{roster}: cleanup.policy is compact, should be delete",
    }
    missing = f"{settings.topic('enrolments')}: missing"
    wait_until(lambda: set(topics.check(kafka, settings)) == {*drift, missing})
    assert topics.create(kafka, settings) == [settings.topic("enrolments")]
    assert set(topics.check(kafka, settings)) == drift


def test_replication_decides_the_least_replicas_in_sync() -> None:
    for replication, least in ((1, "1"), (2, "1"), (3, "2")):
        layouts = layout.wanted(Settings(replication=replication)).values()
        assert {each.config["min.insync.replicas"] for each in layouts} == {least}
        assert {each.replication for each in layouts} == {replication}


def test_more_replicas_than_brokers_is_refused_with_kafkas_reason(
    kafka: str, settings: Settings
) -> None:
    greedy = settings.model_copy(
        update={"replication": 99, "topic_prefix": settings.topic_prefix + "greedy."}
    )
    with pytest.raises(BrokerError, match=r"cannot create topic .* replication factor of 99"):
        topics.create(kafka, greedy)


def test_deleting_touches_only_its_prefix(kafka: str, settings: Settings) -> None:
    other = settings.model_copy(update={"topic_prefix": settings.topic_prefix + "other."})
    topics.create(kafka, other)
    deleted = topics.delete(kafka, other.topic_prefix)
    assert sorted(deleted) == sorted(other.topic(topic.name) for topic in TOPICS)
    assert topics.delete(kafka, other.topic_prefix) == []
    assert topics.check(kafka, settings) == []


@pytest.mark.parametrize("prefix", ["", " "])
def test_an_empty_prefix_is_never_deleted(kafka: str, settings: Settings, prefix: str) -> None:
    with pytest.raises(ValueError, match="every topic"):
        topics.delete(kafka, prefix)
    assert topics.check(kafka, settings) == []


def test_no_kafka_is_one_clear_error(settings: Settings) -> None:
    with pytest.raises(BrokerError, match=r"no Kafka answers at 127\.0\.0\.1:9"):
        topics.create("127.0.0.1:9", settings)


def produce(kafka: str, topic: str, partition: int, stamps: Sequence[int]) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka)
    for stamp in stamps:
        sent = producer.send(topic, b"value", partition=partition, timestamp_ms=stamp)
        sent.get(timeout=10)
    producer.close()


def test_end_offsets_by_partition(kafka: str, settings: Settings) -> None:
    ledger = settings.topic("ledger")
    assert topics.end_offsets(kafka, ledger) == {0: 0, 1: 0, 2: 0, 3: 0}
    produce(kafka, ledger, partition=2, stamps=[1, 2, 3])
    assert topics.end_offsets(kafka, ledger) == {0: 0, 1: 0, 2: 3, 3: 0}
    with pytest.raises(BrokerError, match="no topic"):
        topics.end_offsets(kafka, settings.topic("no-such"))


def test_a_records_own_time_neither_expires_nor_refuses_it(kafka: str, settings: Settings) -> None:
    """A simulation lives in another year; retention counts from the broker's own time."""
    long_ago, far_ahead = 1_000_000_000_000, 9_000_000_000_000
    telemetry = settings.topic("telemetry")
    produce(kafka, telemetry, partition=0, stamps=[long_ago, far_ahead])
    consumer = KafkaConsumer(bootstrap_servers=kafka, group_id=None)
    at = TopicPartition(telemetry, 0)
    consumer.assign([at])
    consumer.seek_to_beginning(at)
    records = consumer.poll(timeout_ms=5000)[at]
    consumer.close()
    assert len(records) == 2
    assert all(long_ago < record.timestamp < far_ahead for record in records)


def test_a_record_past_the_default_1_mib_is_taken(kafka: str, settings: Settings) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka, max_request_size=5 * 1024 * 1024)
    producer.send(settings.topic("rejections"), b"x" * (3 * 1024 * 1024)).get(timeout=10)
    producer.close()
    assert topics.end_offsets(kafka, settings.topic("rejections")) == {0: 1}


async def through_aiokafka(kafka: str, topic: str) -> list[bytes]:
    """Create, write, and read back as a consumer group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    made = await admin.create_topics([NewTopic(topic, 2, 1)])
    assert [error[1] for error in made.topic_errors] == [0]
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"hello", partition=1)
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=kafka, group_id=topic, auto_offset_reset="earliest"
    ) as consumer:
        return [(await consumer.getone()).value]


def test_aiokafka_works_with_this_kafka_too(kafka: str, settings: Settings) -> None:
    topic = settings.topic("by-aiokafka")
    came_back = asyncio.run(asyncio.wait_for(through_aiokafka(kafka, topic), timeout=20))
    assert came_back == [b"hello"]
    assert topics.end_offsets(kafka, topic) == {0: 0, 1: 1}
