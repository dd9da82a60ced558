"""Hostile records in the worker's input: each is refused with its reason, and harms nothing."""

from pathlib import Path

import pytest
from kafka import KafkaProducer

from pipeline.broker import lag
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Rejection
from pipeline.settings import Settings
from tests import hostile
from tests.worker.feed import ledger_without_repeats, read_all, watch_together
from tests.worker.test_worker import wait_until_caught_up, worker

pytestmark = pytest.mark.kafka

PROGRAMME = """
id = "2023-summer"
name = "小样"
[window]
opens_at = 2023-07-14T00:00:00+08:00
closes_at = 2023-09-01T00:00:00+08:00
[clock]
[[courses]]
id = "c"
name = "课"
hours = 0
[[courses.resources]]
id = "video-1"
kind = "video"
title = "视频一"
duration_seconds = 600
quizzes = [{ id = "video-1-quiz", at_seconds = 540, key = { "1" = "A" } }]
[[courses.resources]]
id = "video-2"
kind = "video"
title = "视频二"
duration_seconds = 600
quizzes = [{ id = "video-2-quiz", at_seconds = 600, key = { "1" = "A" } }]
"""
GARBAGE = {
    "completions": [b"\xff", b"{}", None, b'{"v":2}',
                    b'{"teacher_id":"t","programme_id":"no-such","resource_id":"video-1",'
                    b'"status":"done","at":1}'],
    "enrolments": [b"[]", b"NaN", None,
                   b'{"teacher_id":"t","programme_id":"no-such","at":1}'],
}


@pytest.fixture
def programmes(tmp_path: Path) -> Path:
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "small.toml").write_text(PROGRAMME, encoding="utf-8")
    return folder


def test_rule_19_hostile_records_are_kept_with_their_reason_and_harm_nothing(
    settings: Settings, programmes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = load_catalogue(programmes)
    monkeypatch.setenv("XUESHI_PROGRAMMES_DIR", str(programmes))
    monkeypatch.setenv("XUESHI_REJECTION_ALARM_EVENTS", "5")
    home = partition_of(hostile.TEACHER, settings.partitions)
    victims = [f"v{number}" for number in range(200)]
    good = [one for one in victims if partition_of(one, settings.partitions) == home][:10]
    watch_together(settings, catalogue, catalogue.resources["video-1"], good)
    first = _send_corpus(settings, home)
    watch_together(settings, catalogue, catalogue.resources["video-2"], good, hour=2)
    with worker(settings, settings.worker_port) as process:
        wait_until_caught_up(settings, process)
        said = process.log.read_text(encoding="utf-8")
    assert "ALARM rejections: crediting: input is broken" in said
    _assert_refused(settings, home, first)
    for teacher in good:
        book = ledger_without_repeats(settings)[teacher, "2023-summer"]
        assert sum(entry.seconds for entry in book) == 1200, "good records beside lose nothing"


def _send_corpus(settings: Settings, partition: int) -> int:
    """All hostile values on one partition, the offset of the first."""
    kafka = settings.kafka_bootstrap_servers or ""
    producer = KafkaProducer(bootstrap_servers=kafka, max_request_size=4 * 2**20)
    telemetry = settings.topic("telemetry")
    first = lag.ends(kafka, [telemetry])[telemetry, partition]
    for number, case in enumerate(hostile.KAFKA_VALUES):
        producer.send(telemetry, _in_own_session(case.value, number), b"k", partition=partition)
    for topic, values in GARBAGE.items():
        for value in values:
            producer.send(settings.topic(topic), value, b"k", partition=partition)
    producer.flush()
    producer.close()
    return first


def _in_own_session(value: bytes | None, number: int) -> bytes | None:
    """Or else each would be a repeat of the one before (rule 18). A packed record has its length
    too, which stays.
    """
    return value and value.replace(hostile.SESSION.encode(), b"case-%04d" % number)


def _assert_refused(settings: Settings, partition: int, first: int) -> None:
    found = [Rejection.model_validate_json(value)
             for value in read_all(settings, "rejections")]
    raw = {(r.topic, r.partition, r.offset, r.reason): r.raw for r in found}
    for number, case in enumerate(hostile.KAFKA_VALUES):
        place = ("telemetry", partition, first + number, case.reason)
        assert place in raw, case.name
        assert bool(raw[place]) == bool(case.value), f"{case.name}: its raw bytes are kept"
    for topic, values in GARBAGE.items():
        assert sum(r.topic == topic for r in found) == len(values), topic
