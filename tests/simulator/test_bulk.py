"""Straight to Kafka: the records are what the collector would have written."""

from itertools import pairwise

import pytest

from pipeline.broker.errors import BrokerError
from pipeline.broker.producing import producing
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.actions import Answers, Beat, Post
from simulator.bulk import GETS_IN, Arrival, Batch, arrivals, load
from simulator.comparison import compare
from simulator.human import HOUR
from simulator.world import World, make_world
from tests.simulator.deciding import decide, of_batch
from tests.simulator.reading import read_topic

POST = Post(9_000, "p1", (Beat(1, 0, 4_900, 75), Answers(2, "q", {"1": "A", "2": ("B", "C")})))
ARRIVAL = Arrival(9_000, "t1", "t1-p1", "v1", 5_000, POST)


def test_a_record_is_a_telemetry_batch() -> None:
    batch = Batch(9_000)
    batch.add(ARRIVAL)
    batch.add(ARRIVAL)
    read = TelemetryBatch.read(batch.to_packed())
    assert (read.received_at, read.opened_at) == ([9_000] * 2, [5_000] * 2)
    assert (read.start, read.end, read.rate) == ([0, 0], [4_900] * 2, [75, 75])
    assert read.quizzes[0].answers == {"1": "A", "2": ["B", "C"]}
    assert read.quizzes[0].seq == 2


def test_a_record_of_quizzes_alone_is_one_too() -> None:
    batch = Batch(9_000)
    batch.add(ARRIVAL._replace(post=Post(1, "p1", (POST.events[1],))))
    assert TelemetryBatch.read(batch.to_packed()).seq == []


def test_all_teachers_are_interleaved_in_time_order(world: World) -> None:
    sent = [(arrival.at, arrival.teacher_id) for arrival in arrivals(world)]
    assert [at for at, _ in sent] == sorted(at for at, _ in sent)
    changes = sum(one != other for (_, one), (_, other) in pairwise(sent))
    assert changes > 5 * len(world.population.people)


def test_what_never_gets_in_is_left_out(world: World) -> None:
    sent = [a.post for a in arrivals(world)]
    assert {post.trick for post in sent} == GETS_IN
    assert not any(post.body for post in sent)
    all_posts = [action for person in world.population.people
                 for action in world.actions(person) if isinstance(action, Post)]
    assert len(sent) == sum(post.trick in GETS_IN for post in all_posts) < len(all_posts)


def test_a_record_has_neither_too_many_events_nor_too_long_a_time() -> None:
    batch = Batch(9_000)
    assert batch.has_room(ARRIVAL, 2)
    batch.add(ARRIVAL)
    assert batch.has_room(ARRIVAL._replace(at=9_000 + HOUR), 3)
    assert not batch.has_room(ARRIVAL._replace(at=9_001 + HOUR), 3)
    assert not batch.has_room(ARRIVAL, 2)
    huge = ARRIVAL._replace(post=Post(9_000, "p1", (Beat(1, 0, 1, 100),) * 9_999))
    assert not batch.has_room(huge, 20_000)


@pytest.mark.kafka
def test_the_rules_find_the_truth_in_what_was_sent(kafka: str, settings: Settings) -> None:
    world = make_world(settings, teachers=100, seed=5, heartbeats=30_000)
    progress: list[int] = []
    with producing(kafka) as producer:
        result = load(producer, settings, world, 400, progress.append)
    records = read_topic(kafka, settings.topic("telemetry"))
    batches = [(partition, TelemetryBatch.read(raw))
               for partition, _, raw in records]
    assert result.records == len(records) == len(progress)
    assert result.heartbeats == sum(len(batch.seq) for _, batch in batches) == progress[-1]
    assert result.quizzes == sum(len(batch.quizzes) for _, batch in batches)
    for partition, batch in batches:
        assert {partition_of(t, settings.partitions) for t in batch.teacher_id} <= {partition}
    actual, _ = decide(world, (event for _, batch in batches for event in of_batch(batch)))
    truth = [world.truth(person) for person in world.population.people]
    assert compare(truth, actual) == []


@pytest.mark.kafka
def test_a_topic_that_is_missing_is_one_clear_error(kafka: str, settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"topic_prefix": settings.topic_prefix + "none."})
    world = make_world(settings, teachers=1, seed=5, heartbeats=10)
    with pytest.raises(BrokerError, match="telemetry"), producing(kafka) as producer:
        load(producer, elsewhere, world, 400)


def test_no_kafka_is_one_clear_error() -> None:
    with pytest.raises(BrokerError, match=r"no Kafka answers at 127\.0\.0\.1:9"), (
        producing("127.0.0.1:9")
    ):
        pass
