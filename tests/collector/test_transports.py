"""One contract, for the transport in memory and for the real Kafka."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.broker import topics
from pipeline.collector.kafka import MAX_RECORD_BYTES, Kafka
from pipeline.collector.packing import KafkaAwayError
from pipeline.collector.publishing import Transport
from pipeline.rules.programme import Catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Rejection
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests import hostile
from tests.collector.memory import Memory
from tests.collector.serving import serving

Records = list[tuple[int, bytes, bytes | None]]


@dataclass(frozen=True, slots=True)
class Bench:
    """A transport and how to see what it has carried: topic → (partition, value, key)."""

    settings: Settings
    transport: Transport
    carried: Callable[[str], Records]


def in_memory(settings: Settings) -> Bench:
    memory = Memory(settings)
    return Bench(settings, memory, lambda topic: [
        (partition, value, key) for name, partition, value, key in memory.sent if name == topic])


def on_kafka(settings: Settings) -> Bench:
    servers = str(settings.kafka_bootstrap_servers)
    return Bench(settings, Kafka(servers, 5.0), lambda topic: read(servers, topic))


def read(servers: str, topic: str) -> Records:
    """All records of the topic, partition by partition."""
    consumer = KafkaConsumer(bootstrap_servers=servers)
    try:
        places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(places)
        found: Records = []
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(timeout_ms=200).items():
                found += [(place.partition, r.value, r.key) for r in records]
        return sorted(found, key=lambda record: record[0])
    finally:
        consumer.close()


@pytest.fixture(params=[in_memory, pytest.param(on_kafka, marks=pytest.mark.kafka)])
def bench(request: pytest.FixtureRequest, settings: Settings) -> Bench:
    made: Bench = request.param(settings)
    return made


@asynccontextmanager
async def running(transport: Transport, topic: str) -> AsyncIterator[Transport]:
    await transport.start()
    try:
        for _ in range(100):  # it connects by itself, and says so by answering
            try:
                await transport.partitions([topic])
                break
            except KafkaAwayError:
                await asyncio.sleep(0.05)
        yield transport
    finally:
        await transport.stop()


def test_what_is_acknowledged_is_there_in_order(bench: Bench) -> None:
    topic = bench.settings.topic("telemetry")

    async def run() -> None:
        async with running(bench.transport, topic) as transport:
            for number in range(20):
                await transport.send(topic, number % 4, b"%d" % number)

    asyncio.run(run())
    carried = bench.carried(topic)
    for partition in range(4):
        assert [value for p, value, _ in carried if p == partition] == [
            b"%d" % n for n in range(partition, 20, 4)]


def test_keys_arrive_and_records_may_be_large(bench: Bench) -> None:
    topic, large = bench.settings.topic("rejections"), bytes(700_000)

    async def run() -> None:
        async with running(bench.transport, topic) as transport:
            await asyncio.gather(*(transport.send(topic, 0, large, b"malformed") for _ in range(4)))

    asyncio.run(run())
    assert bench.carried(topic) == [(0, large, b"malformed")] * 4


def test_partitions_are_told_and_a_missing_topic_has_none(bench: Bench) -> None:
    topic = bench.settings.topic("telemetry")

    async def run() -> dict[str, int]:
        async with running(bench.transport, topic) as transport:
            return await transport.partitions([topic, bench.settings.topic("rejections")])

    assert asyncio.run(run()) == {topic: 4, bench.settings.topic("rejections"): 1}


@pytest.mark.kafka
def test_a_missing_topic_has_no_partitions(settings: Settings) -> None:
    async def run() -> dict[str, int]:
        async with running(on_kafka(settings).transport, "x") as transport:
            return await transport.partitions(["no-such-topic"])

    assert asyncio.run(run()) == {"no-such-topic": 0}


@pytest.mark.kafka
@pytest.mark.parametrize(("partition", "size"), [
    pytest.param(9, 1, id="no such partition"),
    pytest.param(0, MAX_RECORD_BYTES + 1, id="too large"),
])
def test_what_kafka_does_not_take_fails_alone(
    settings: Settings, partition: int, size: int
) -> None:
    topic = settings.topic("telemetry")

    async def run() -> None:
        async with running(Kafka(str(settings.kafka_bootstrap_servers), 5.0), topic) as kafka:
            with pytest.raises(KafkaAwayError):
                await kafka.send(topic, partition, bytes(size))
            await until_sent(kafka, topic)

    asyncio.run(run())
    assert [value for _, value, _ in read(str(settings.kafka_bootstrap_servers), topic)] == [b"ok"]


@pytest.mark.kafka
def test_a_record_the_broker_refuses_does_not_block_those_that_follow(settings: Settings) -> None:
    """It has used up a sequence number of its producer, which therefore must be replaced."""
    topic, incompressible = settings.topic("limited"), base64.b64encode(random_bytes(2**20 * 2))
    create_limited(settings, topic, 1_000_000)

    async def run() -> None:
        async with running(Kafka(str(settings.kafka_bootstrap_servers), 5.0), topic) as kafka:
            await kafka.send(topic, 0, b"before")
            with pytest.raises(KafkaAwayError, match="MessageSizeTooLarge"):
                await kafka.send(topic, 0, incompressible)
            await until_sent(kafka, topic)

    asyncio.run(run())
    values = [value for _, value, _ in read(str(settings.kafka_bootstrap_servers), topic)]
    assert values == [b"before", b"ok"]


async def until_sent(kafka: Transport, topic: str) -> None:
    """Send b"ok" until it is taken: a replaced producer takes a moment to connect."""
    for _ in range(50):
        try:
            await kafka.send(topic, 0, b"ok")
        except KafkaAwayError:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("never taken")


def random_bytes(size: int) -> bytes:
    import random

    return random.Random(1).randbytes(size)


def create_limited(settings: Settings, topic: str, limit: int) -> None:
    """A topic that never takes more: a changed limit is obeyed some time after it is confirmed."""
    with topics.connected(str(settings.kafka_bootstrap_servers)) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1,
                                     "configs": {"max.message.bytes": str(limit)}}})
        admin.wait_for_topics([topic])


def test_posts_of_many_sessions_arrive_as_valid_batches_of_their_partitions(
    bench: Bench, catalogue: Catalogue
) -> None:
    teachers = [f"teacher-{n}" for n in range(30)]
    bad = hostile.beat(to=-1.0)

    async def play(client: Any, teacher: str) -> list[int]:
        token = (await client.open(teacher=teacher))["token"]
        bodies = [hostile.post(hostile.beat(seq=seq)) for seq in (1, 2)]
        bodies += [hostile.post(hostile.beat(seq=3), bad, hostile.quiz(seq=4))]
        return [(await client.post(token, body)).status_code for body in bodies]

    async def run() -> list[list[int]]:
        async with serving(bench.settings, catalogue, bench.transport) as client:
            while (await client.http.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
            return await asyncio.gather(*(play(client, teacher) for teacher in teachers))

    assert asyncio.run(run()) == [[202, 202, 422]] * 30
    seqs: dict[str, list[int]] = {teacher: [] for teacher in teachers}
    quizzes = []
    records = bench.carried(bench.settings.topic("telemetry"))
    for partition, value, key in records:
        assert key is None
        batch = TelemetryBatch.read(value)
        quizzes += [quiz.teacher_id for quiz in batch.quizzes]
        for teacher, seq in zip(batch.teacher_id, batch.seq, strict=True):
            assert partition_of(teacher, 4) == partition
            seqs[teacher].append(seq)
    assert seqs == {teacher: [1, 2, 3] for teacher in teachers}
    assert sorted(quizzes) == sorted(teachers)
    assert len(records) < 60, "the linger packs the posts of several teachers together"
    kept = [Rejection.model_validate_json(value) for _, value, _ in
            bench.carried(bench.settings.topic("rejections"))]
    assert sorted(str(rejection.teacher_id) for rejection in kept) == sorted(teachers)
    assert len({(k.topic, k.partition, k.offset, k.reason) for k in kept}) == 30
