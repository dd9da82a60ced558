"""`xueshi rejections` on a real Kafka, as somebody at three in the morning would call it."""

import json
import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from audit.rejections import topic as reading
from audit.rejections.putting_back import Sending
from audit.rejections.records import Found
from audit.rejections.replaying import Sender
from audit.rejections.shelf import Shelf
from pipeline.broker import ports, topics
from pipeline.schemas.rejections import PART_BYTES, Reason, Rejection
from pipeline.settings import Settings
from tests.audit.rejecting import call, error_of, point_at, put, told
from tests.worker.test_hostile import PROGRAMME

pytestmark = pytest.mark.kafka

AT = 1_690_000_000_000  # 2023-07-22 12:26:40 in Asia/Shanghai
HOUR_MS = 3_600_000
ENROLMENT = b'{"teacher_id":"t1","programme_id":"2023-summer","at":1}'


def refused(offset: int, reason: Reason = Reason.UNKNOWN_PROGRAMME, **more: Any) -> Rejection:
    return Rejection(**{"reason": reason, "topic": "enrolments", "partition": 3, "offset": offset,
                        "at": AT + offset * HOUR_MS, "raw": ENROLMENT, **more})


LARGE = refused(6, Reason.MALFORMED, raw=b"\x00large" + b"x" * PART_BYTES, count=3)
STORED: list[Rejection | bytes] = [
    refused(0, teacher_id="t1"),
    refused(1, Reason.MALFORMED, detail="record: Invalid JSON", raw=b"\xff\x1b["),
    refused(2, Reason.NO_TIME_LEFT, topic="telemetry", count=12, teacher_id="t1",
            resource_id="video-1", session_id="s1", raw=b"[[1]]"),
    refused(2, Reason.BAD_STRETCH, topic="telemetry", teacher_id="t2", resource_id="video-1",
            session_id="s2", raw=b"[[2]]"),
    refused(0, teacher_id="t1"),                     # again, after a crash
    refused(5, Reason.UNKNOWN_QUIZ, topic="collector:s3", partition=-1, teacher_id="t3"),
    *LARGE.split(),                                  # 6 and 7
    b"garbage",                                      # 8
]
NUMBERS = ["#8", "#6", "#5", "#4", "#3", "#2", "#1"]  # newest first, of repeats the newest


@pytest.fixture
def fed(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    point_at(monkeypatch, settings)
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "p.toml").write_text(PROGRAMME, encoding="utf-8")
    monkeypatch.setenv("XUESHI_PROGRAMMES_DIR", str(folder))
    put(settings, "rejections", *STORED)
    return settings


def numbers(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines]


def test_list(fed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers(told("list")) == NUMBERS
    assert numbers(told("list", "--limit", "2")) == NUMBERS[:2]
    assert numbers(told("list", "--oldest")) == ["#0", "#1", "#2", "#3", "#5", "#6", "#8"]
    assert numbers(told("list", "--teacher", "t1")) == ["#4", "#2"]
    assert numbers(told("list", "--topic", "collector")) == ["#5"]
    assert numbers(told("list", "--reason", "malformed", "--reason", "bad_stretch")) == [
        "#8", "#6", "#3", "#1"]
    assert numbers(told("list", "--since", "2023-07-22 13:26:40", "--until", "2023-07-22 17:26:40")
                   ) == ["#3", "#2", "#1"]
    assert numbers(told("list", "--since", "2099-01-01")) == []
    [row] = [json.loads(line) for line in told("list", "--json", "--teacher", "t2")]
    assert (row["place"], row["count"], row["reason"]) == ("telemetry/3/2", 1, "bad_stretch")
    monkeypatch.setattr(reading, "BLOCK", 2)
    assert numbers(told("list")) == NUMBERS


def test_count(fed: Settings) -> None:
    assert [line.split() for line in told("count")] == [
        ["reason", "rejections", "events"],
        ["no_time_left", "1", "12"], ["malformed", "3", "5"], ["bad_stretch", "1", "1"],
        ["unknown_programme", "1", "1"], ["unknown_quiz", "1", "1"],
        ["in", "all", "7", "20"], ["1", "repeats", "after", "a", "crash", "left", "out"]]
    by_topic = json.loads("\n".join(told("count", "--by", "topic", "--json")))
    assert by_topic["groups"] == {
        "telemetry": {"rejections": 2, "events": 13}, "enrolments": {"rejections": 3, "events": 5},
        "collector": {"rejections": 1, "events": 1}, "rejections": {"rejections": 1, "events": 1}}
    assert json.loads("\n".join(told("count", "--json", "--teacher", "t1")))["in_all"] == {
        "rejections": 2, "events": 13}


def test_rule_19_show_and_the_raw_bytes_untouched(fed: Settings, tmp_path: Path) -> None:
    page = "\n".join(told("show", "telemetry/3/2"))
    assert page.count("refused at") == 2, "both that were refused at this place"
    assert "[[1]]" in page
    assert "[[2]]" in page
    file = tmp_path / "raw"
    told("show", "enrolments/3/1", "--raw", str(file))
    assert file.read_bytes() == b"\xff\x1b["
    for place in ("enrolments/3/6", "6", "#7"):  # in parts, and by any of them
        told("show", place, "--raw", str(file))
        assert file.read_bytes() == LARGE.raw
    told("show", f"{fed.topic('enrolments')}/3/0", "--raw", str(file))
    assert file.read_bytes() == ENROLMENT
    assert "garbage" in told("show", "8")
    body = json.loads("\n".join(told("show", "collector:s3/-1/5", "--json")))
    assert (body["teacher_id"], body["raw_bytes"]) == ("t3", len(ENROLMENT))


def test_clear_errors(fed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is no place: write TOPIC/PARTITION/OFFSET" in error_of("show", "there")
    assert "nothing is on record as refused at telemetry/0/9" in error_of("show", "telemetry/0/9")
    assert "nothing is on record" in error_of("show", "99")
    assert "has the partitions 0 to 3 only" in error_of("show", "telemetry/9/0")
    assert "nothing is refused out of a topic 'videos'" in error_of("list", "--topic", "videos")
    assert "2 rejections are of this place: say which, by its number: 2 (no_time_left), 3" in (
        error_of("show", "telemetry/3/2", "--raw", str(tmp_path / "raw")))
    assert "cannot write" in error_of("show", "1", "--raw", str(tmp_path / "no" / "raw"))
    unclear = call("replay", "telemetry/3/2", "--teacher", "t1")
    assert unclear.exit_code == 2
    assert "say what to put back" in unclear.stderr
    monkeypatch.setenv("XUESHI_PARTITIONS", "8")
    assert "set XUESHI_PARTITIONS=4" in error_of("replay", "--all")
    monkeypatch.setenv("XUESHI_TOPIC_PREFIX", "nobody-made-these.")
    assert "run `xueshi topics create`" in error_of("list")
    assert "run `xueshi topics create`" in error_of("count")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{ports.free()[0]}")
    assert "no Kafka answers at 127.0.0.1:" in error_of("count")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS")
    assert "no local Kafka runs: run `xueshi broker start`" in error_of("list")


def sent(settings: Settings, topic: str) -> list[tuple[int, bytes | None, bytes, dict[str, bytes]]]:
    """(partition, key, value, headers) of all that stands on the topic."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        places = [TopicPartition(settings.topic(topic), p) for p in range(settings.partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends, found = consumer.end_offsets(places), []
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(500).values():
                found += [(r.partition, r.key, r.value, dict(r.headers)) for r in records]
    finally:
        consumer.close()
    return found


def test_rule_19_replay_sends_what_is_mended_once_and_says_what_it_cannot(fed: Settings) -> None:
    dry = call("replay", "--all", "--dry-run")
    assert dry.stdout.splitlines() == [
        "enrolments/3/0  unknown_programme 1  t1  → enrolments/3, 55 bytes",
        "would send 1 rejections, 1 events"]
    assert sent(fed, "enrolments") == []
    done = call("replay", "--all")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "enrolments/3/0  unknown_programme 1  t1  → enrolments/3/0",
        "sent 1 rejections, 1 events"]
    said = done.stderr
    assert said == dry.stderr
    for why in ("3, the first one enrolments/3/1: this build with the programme files",
                "1, the first one telemetry/3/2: the rules decided so",
                "1, the first one collector:s3/-1/5: the collector refused it before",
                "1, the first one rejections/0/8: it is garbage on the topic"):
        assert f"not sent: {why}" in said
    assert sent(fed, "enrolments") == [
        (3, b"t1", ENROLMENT, {"xueshi-replay-of": b"enrolments/3/0"})]
    assert "as enrolments/3/0" in "\n".join(told("show", "0"))


def test_a_second_replay_is_noticed_unless_it_is_wanted(fed: Settings) -> None:
    assert told("replay", "enrolments/3/0")[-1] == "sent 1 rejections, 1 events"
    twice = call("replay", "enrolments/3/0")
    assert twice.exit_code == 0
    assert "it was put back before: --again does it once more" in twice.stderr
    assert len(sent(fed, "enrolments")) == 1
    assert told("replay", "--again", "0")[-1] == "sent 1 rejections, 1 events"
    assert len(sent(fed, "enrolments")) == 2


def test_nothing_is_sent_that_cannot_be_noted(fed: Settings) -> None:
    topics.delete(fed.kafka_bootstrap_servers or "", fed.topic("replays"))
    for options in ((), ("--again",)):
        assert "run `xueshi topics create`" in error_of("replay", "--all", *options)
    assert sent(fed, "enrolments") == []


def test_what_kafka_does_not_take_is_said_and_the_rest_is_sent(fed: Settings) -> None:
    kafka = fed.kafka_bootstrap_servers or ""
    planned = [(Found(0, AT, refused(n)), Sending("enrolments", 3, None, value))
               for n, value in enumerate((random.Random(1).randbytes(5 * 2**20), b"small"))]
    with closing(Sender(fed, kafka, lambda: AT)) as sender:
        large, small = sender.send(planned)
    assert "Kafka does not take it: " in large.failure
    assert (small.failure, small.offset) == ("", 0)
    assert [(note.offset, note.at, note.to_offset) for note in Shelf(fed, kafka).replays()] == [
        (1, AT, 0)]
