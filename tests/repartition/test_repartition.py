"""The number of partitions changes in the middle of a summer, and nobody notices."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from kafka import KafkaProducer

from demo.draining import wait_until_published
from demo.environment import environment
from demo.processes import Process, running
from pipeline.agents.changelog import restore
from pipeline.agents.shard import PROGRESS
from pipeline.agents.stored import decode
from pipeline.broker import lag, topics
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings
from tests.warehouse.helpers import school, teacher
from tests.worker.feed import PROGRAMME, _rounds, ledger_without_repeats, watch_together
from tests.worker.test_worker import wait_until_caught_up
from warehouse.teachers import published_teachers

pytestmark = pytest.mark.kafka
TEACHERS = [f"t{number:05d}" for number in range(60)]
VIDEOS = ("ideals-01", "ideals-02", "ideals-03")
HALF = 12    # rounds of the second video before the move


@pytest.fixture
def after(settings: Settings) -> Iterator[Settings]:
    """Six partitions in the place of four, and other buckets."""
    made = settings.model_copy(update={
        "topic_prefix": f"{settings.topic_prefix}six.", "partitions": 6, "buckets": 64})
    yield made
    topics.delete(settings.kafka_bootstrap_servers or "", made.topic_prefix)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Processes of one prefix."""

    settings: Settings

    @contextmanager
    def run(self, *names: str) -> Iterator[list[Process]]:
        folder = self.settings.var_dir / f"logs-{time.monotonic_ns()}"
        with running([*names], environment(self.settings), folder) as processes:
            yield processes

    def decide(self) -> None:
        """Let a worker decide all there is, and stop it."""
        with self.run("worker") as (worker,):
            wait_until_caught_up(self.settings, worker)

    def xueshi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments], text=True, capture_output=True,
            timeout=120, check=False, env={"PATH": "", **environment(self.settings)})

    def publish(self) -> None:
        """Load and publish all there is."""
        with self.run("loader", "publisher") as processes:
            def look(*_: int) -> None:
                for one in processes:
                    one.require_running()

            wait_until_published(self.settings, self.settings.kafka_bootstrap_servers or "", look,
                                 120)


def test_rule_14_with_another_number_of_partitions_nobody_gains_or_loses_a_second(
    settings: Settings, after: Settings
) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    old, new = Deployment(settings), Deployment(after)
    watch_together(settings, catalogue, catalogue.resources[VIDEOS[0]], TEACHERS)
    _send_roster(settings)
    _send_garbage_and_a_stranger(settings)
    _watch(settings, catalogue, slice(None, HALF))
    with old.run("worker") as (worker,):
        wait_until_caught_up(settings, worker)
        copied = new.xueshi("repartition", settings.topic_prefix)
        assert "copied so far" in copied.stdout, copied.stderr
        refused = new.xueshi("repartition", settings.topic_prefix, "--finish")
        assert "are still there: stop them first" in refused.stderr
    old.publish()
    _enrol_late(settings)
    refused = new.xueshi("repartition", settings.topic_prefix, "--finish")
    assert "1 records of" in refused.stderr
    assert "are not decided yet" in refused.stderr
    _assert_a_worker_that_starts_too_early_says_so(new)
    old.decide()
    finished = new.xueshi("repartition", settings.topic_prefix, "--finish")
    assert finished.returncode == 0, finished.stderr
    assert "start the new workers" in finished.stdout
    again = new.xueshi("repartition", settings.topic_prefix, "--finish")
    assert "in use already" in again.stderr
    _assert_nothing_is_to_be_decided_twice(after)
    _watch(after, catalogue, slice(HALF, None))
    watch_together(after, catalogue, catalogue.resources[VIDEOS[2]], TEACHERS, hour=4)
    with new.run("worker") as (worker,):
        wait_until_caught_up(after, worker)
        new.publish()
        _assert_everybody_has_all_three_videos(after, catalogue)
        rebuilt = new.xueshi("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr


def _assert_nothing_is_to_be_decided_twice(settings: Settings) -> None:
    """What the states say is decided is what the group has committed, and all of it is written."""
    kafka = settings.kafka_bootstrap_servers or ""
    committed = lag.committed(kafka, settings.topic("worker"))
    for changelog in ("watching-changelog", "crediting-changelog"):
        for partition in range(settings.partitions):
            stored = asyncio.run(restore(kafka, settings.topic(changelog), partition, {}))
            stands = decode(stored[PROGRESS])
            assert stands.get("whole", stands["positions"]) == stands["positions"]
            assert {topic: committed[settings.topic(topic), partition]
                    for topic in stands["positions"]} == stands["positions"] != {}


def _send_roster(settings: Settings) -> None:
    with KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        for one in (school("s1", "110101"), *(teacher(who, "s1") for who in TEACHERS)):
            producer.send(settings.topic("roster"), one.to_json(), partition=0)


def _send_garbage_and_a_stranger(settings: Settings) -> None:
    """A whole record that nobody can read, and a claim on a partition where nobody lives of it."""
    stranger = next(one for one in TEACHERS if partition_of(one, settings.partitions) != 2)
    lost = Enrolment(teacher_id=stranger, programme_id="2023-ethics", at=1_689_300_000_000)
    with KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        producer.send(settings.topic("telemetry"), b"garbage", partition=1).get(20)
        producer.send(settings.topic("enrolments"), lost.to_json(), partition=2).get(20)


def _enrol_late(settings: Settings) -> None:
    late = Enrolment(teacher_id="late", programme_id=PROGRAMME, at=1_689_300_000_000)
    with KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        producer.send(settings.topic("enrolments"), late.to_json(), partition=partition_of(
            "late", settings.partitions)).get(20)


def _watch(settings: Settings, catalogue: Catalogue, which: slice) -> None:
    """A part of the second video: everybody is in the middle of it."""
    opened_at = catalogue.programmes[PROGRAMME].window.opens_at + 2 * 3_600_000
    rounds = [*_rounds(settings, catalogue.resources[VIDEOS[1]], TEACHERS, opened_at)]
    assert len(rounds) > HALF + 5
    with KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers) as producer:
        for rows in rounds[which]:
            for partition, some in rows.items():
                producer.send(settings.topic("telemetry"), some.batch(), partition=partition)
        producer.flush()


def _assert_a_worker_that_starts_too_early_says_so(new: Deployment) -> None:
    with new.run("worker") as (worker,):
        assert worker.popen.wait(60) != 0
        last = worker.log.read_text("utf-8").strip().splitlines()[-1]
    assert "state is being moved here: end it with `xueshi repartition --finish`" in last


def _assert_everybody_has_all_three_videos(after: Settings, catalogue: Catalogue) -> None:
    books = ledger_without_repeats(after)
    published = published_teachers(after.published_dir)
    seconds = sum(catalogue.resources[one].credit_seconds for one in VIDEOS)
    for who in TEACHERS:
        assert sum(entry.seconds for entry in books[who, PROGRAMME]) == seconds
        assert books[who, PROGRAMME][-1].learned == seconds
        learned, _ = published.courses[who, PROGRAMME, "ideals"]
        assert learned == seconds
    assert books["late", PROGRAMME][0].kind == "enrolled"


def test_what_cannot_be_moved_is_said_in_one_line(settings: Settings) -> None:
    for change, prefix, said in (
        ({}, settings.topic_prefix, "set XUESHI_TOPIC_PREFIX to another prefix"),
        ({"topic_prefix": f"{settings.topic_prefix}one.", "partitions": 1}, "x.", "2 or more"),
        ({"topic_prefix": f"{settings.topic_prefix}b."}, "nowhere.", "no topic nowhere.telemetry"),
    ):
        done = Deployment(settings.model_copy(update=change)).xueshi("repartition", prefix)
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_copying_again_copies_nothing_twice(settings: Settings, after: Settings) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    watch_together(settings, catalogue, catalogue.resources[VIDEOS[0]], TEACHERS[:10])
    kafka = settings.kafka_bootstrap_servers or ""
    first = Deployment(after).xueshi("repartition", settings.topic_prefix)
    ends = lag.ends(kafka, [after.topic("telemetry")])
    again = Deployment(after).xueshi("repartition", settings.topic_prefix)
    assert "telemetry" in first.stdout
    assert "nothing new" in again.stdout
    assert lag.ends(kafka, [after.topic("telemetry")]) == ends
