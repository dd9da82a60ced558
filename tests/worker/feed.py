"""Teachers who watch one video honestly, side by side, as telemetry on the real broker."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson
from kafka import KafkaProducer

from pipeline.rules.programme import Catalogue, Resource
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests.simulator.reading import read_topic

PROGRAMME = "2023-summer"
BEAT_MS = 15_000
COLUMNS = ("received_at", "teacher_id", "resource_id", "session_id", "opened_at", "seq",
           "from", "to", "rate")


@dataclass(slots=True)
class Rows:
    """What one partition is still to be sent."""

    heartbeats: list[tuple[Any, ...]] = field(default_factory=list)
    quizzes: list[dict[str, Any]] = field(default_factory=list)

    def batch(self) -> bytes:
        columns = zip(*self.heartbeats, strict=True) if self.heartbeats else [()] * len(COLUMNS)
        body = {"v": 1, **dict(zip(COLUMNS, map(list, columns), strict=True)),
                "quizzes": self.quizzes}
        raw = orjson.dumps(body)
        TelemetryBatch.read(raw)
        return raw


def watch_together(settings: Settings, catalogue: Catalogue, resource: Resource,
                   teachers: list[str], hour: int = 1) -> None:
    """All enrol and, `hour` hours into the programme, watch the whole video with its quizzes
    right, beat by beat together.
    """
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    opened_at = catalogue.programmes[PROGRAMME].window.opens_at + hour * 3_600_000
    for teacher in teachers:
        record = Enrolment(teacher_id=teacher, programme_id=PROGRAMME, at=opened_at)
        producer.send(settings.topic("enrolments"), record.to_json(), teacher.encode(),
                      partition=partition_of(teacher, settings.partitions))
    for rows in _rounds(settings, resource, teachers, opened_at):
        for partition, some in rows.items():
            producer.send(settings.topic("telemetry"), some.batch(), partition=partition)
    producer.flush()
    producer.close()


def _rounds(settings: Settings, resource: Resource, teachers: list[str],
            opened_at: int) -> Iterator[dict[int, Rows]]:
    cuts = sorted({*range(0, resource.duration_ms, BEAT_MS), resource.duration_ms,
                   *(quiz.at_ms for quiz in resource.quizzes)})
    seq = 0
    for start, end in pairwise(cuts):
        seq += 1
        asked = [quiz for quiz in resource.quizzes if quiz.at_ms == end]
        rows: dict[int, Rows] = {}
        for teacher in teachers:
            mine = rows.setdefault(partition_of(teacher, settings.partitions), Rows())
            at, session = opened_at + end, f"s-{resource.id}-{teacher}"
            mine.heartbeats.append(
                (at, teacher, resource.id, session, opened_at, seq, start, end, 100))
            mine.quizzes += [
                {"received_at": at, "teacher_id": teacher, "resource_id": resource.id,
                 "session_id": session, "opened_at": opened_at, "seq": seq + number,
                 "quiz_id": quiz.id, "answers": dict(quiz.key)}
                for number, quiz in enumerate(asked, 1)
            ]
        seq += len(asked)
        yield rows


def read_all(settings: Settings, topic: str) -> list[bytes]:
    """Every record's value on the topic, partition by partition."""
    kafka = settings.kafka_bootstrap_servers or ""
    return [value for _, _, value in read_topic(kafka, settings.topic(topic))]


def ledger_without_repeats(settings: Settings) -> dict[tuple[str, str], list[LedgerEntry]]:
    """Entries by (teacher, programme) in order; a repeat must say the same, no number be missing.
    """
    entries: dict[tuple[str, str, int], LedgerEntry] = {}
    for value in read_all(settings, "ledger"):
        entry = LedgerEntry.model_validate_json(value)
        key = (entry.teacher_id, entry.programme_id, entry.seq)
        assert entries.setdefault(key, entry) == entry, "a repeat says something else"
    books: dict[tuple[str, str], list[LedgerEntry]] = {}
    for key in sorted(entries):
        books.setdefault(key[:2], []).append(entries[key])
    for book in books.values():
        assert [entry.seq for entry in book] == list(range(1, len(book) + 1)), "an entry is lost"
    return books
