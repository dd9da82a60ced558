"""A load through real processes: all copies are equal, and what is then written on is found."""

from collections.abc import Sequence

import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition

from chaos.copies.comparison import compare_copies, compare_each
from chaos.copies.logs import read_completions, read_ledger
from chaos.copies.rebuilt import read_crediting
from chaos.copies.truth import true_figures
from chaos.invariants import check_invariants
from chaos.load import Load, Order, kafka_load
from demo.draining import wait_until_published
from demo.environment import environment
from demo.processes import Process, running
from pipeline.agents.stored import encode
from pipeline.broker import lag
from pipeline.broker.topics import connected
from pipeline.schemas.completions import Completion
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.partitioning import bucket_of, partition_of
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.settings import Settings
from simulator.catalogue import read_catalogue

pytestmark = pytest.mark.kafka
SUMMER = "2023-summer"


@pytest.fixture
def quick(settings: Settings) -> Settings:
    return settings.model_copy(update={
        "flush_seconds": 0.3, "turn_seconds": 2.0, "land_seconds": 0.3, "publish_seconds": 1.0,
        "buckets": 16})


def test_rule_14_all_copies_are_equal_and_what_is_written_on_is_found(quick: Settings) -> None:
    load = kafka_load(quick, Order(teachers=55, heartbeats=6_000, seed=9))
    _run_and_compare(quick, load)
    proof = check_invariants(quick, [load.expected()])
    assert [str(one) for one in proof.broken] == []
    assert min(proof.counted[name] for name in (
        "acknowledged events", "refused events", "ledger entries", "changelog values",
        "commits", "planted refusals")) > 5
    _write_on(quick, load)
    _assert_found(quick, load)


def _run_and_compare(settings: Settings, load: Load) -> None:
    url = f"http://127.0.0.1:{settings.worker_port}"
    kafka = settings.kafka_bootstrap_servers or ""
    with running(["worker", "loader", "publisher"], environment(settings),
                 settings.var_dir / "logs") as started:
        started[0].wait_ready(f"{url}/v1/teachers/nobody/progress")
        load.register()
        load.start()
        load.wait(120)
        wait_until_published(settings, kafka, lambda *_: _require_running(started), 180)
        for process in started[1:]:
            process.stop()
        copies = compare_copies(settings, load.truth, url)
    assert [str(one) for one in copies.differences] == []
    assert len(copies.compared) == 8
    assert min(copies.compared.values()) > 50


def _require_running(started: Sequence[Process]) -> None:
    for process in started:
        process.require_running()


def _write_on(settings: Settings, load: Load) -> None:
    """What no worker would write: about a teacher who has something done."""
    victim = next(one.teacher_id for one in load.truth if one.programmes[SUMMER].done)
    partition = partition_of(victim, settings.partitions)
    bucket = bucket_of(victim, settings.partitions, settings.buckets)
    back = {"positions": {"enrolments": 0, "completions": 1}, "outcomes": []}
    writes = [
        ("completions", partition, victim.encode(), Completion(
            teacher_id=victim, programme_id=SUMMER, resource_id=_not_done(settings, load, victim),
            status="done", at=1).to_json()),
        ("ledger", partition, victim.encode(), LedgerEntry(
            teacher_id=victim, programme_id=SUMMER, seq=999, kind="credited", at=1,
            course_id="cases", learned=1, credited=1).to_json()),
        ("rejections", 0, b"malformed", Rejection(
            reason=Reason.MALFORMED, topic="telemetry", partition=0, offset=0, at=1).to_json()),
        ("crediting-changelog", partition, b"%d" % bucket, b"\x00" + encode({"teachers": {}})),
        ("crediting-changelog", partition, b"progress", b"\x00" + encode(back)),
    ]
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    for topic, place, key, value in writes:
        producer.send(settings.topic(topic), value, key, partition=place).get(10)
    producer.close()
    _commit_ahead(settings)


def _not_done(settings: Settings, load: Load, teacher: str) -> str:
    truth = next(one for one in load.truth if one.teacher_id == teacher)
    return next(video.id for video in read_catalogue(settings.programmes_dir).main.videos
                if video.id not in truth.programmes[SUMMER].done)


def _commit_ahead(settings: Settings) -> None:
    kafka, topic = settings.kafka_bootstrap_servers or "", settings.topic("telemetry")
    end = lag.ends(kafka, [topic])[topic, 0]
    with connected(kafka) as admin:
        admin.alter_group_offsets(settings.topic("worker"), {
            TopicPartition(topic, 0): OffsetAndMetadata(end + 1, "", -1)})


def _assert_found(settings: Settings, load: Load) -> None:
    kafka = settings.kafka_bootstrap_servers or ""
    catalogue = read_catalogue(settings.programmes_dir)
    result = compare_each(true_figures(load.truth, catalogue), [
        lambda: read_completions(settings, kafka, catalogue),
        lambda: read_ledger(settings, kafka, catalogue),
        lambda: read_crediting(settings, kafka, catalogue),
    ])
    assert {one.copy for one in result.differences} == {
        "completions", "ledger", "crediting changelog"}
    expected = load.expected()
    more = type(expected)(expected.acknowledged | {("lost-session", 7)}, expected.refused)
    broken = check_invariants(settings, [more]).broken
    assert {one.invariant for one in broken} >= {
        "no acknowledged event missing", "rejections exact", "refusals published",
        "ledger without a gap", "ledger adds up", "nobody forgotten", "positions never go back",
        "committed is flushed"}
