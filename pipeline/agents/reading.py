"""A telemetry record as the rules take it: columns and quizzes.

Nearly every record is as the collector makes it. So it is parsed without a model, and each
column checked in one loop; whatever is not plainly right goes to `decoding`, which tells what is
wrong. Ids are not checked here but where they are looked up: most are known already
(rules/columns.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from pipeline.agents.decoding import COLUMNS, decode_batch
from pipeline.agents.rejecting import Refused
from pipeline.rules.columns import Columns, texts, whole_numbers
from pipeline.schemas.base import MAX_EPOCH_MS
from pipeline.schemas.telemetry import (
    MAX_BATCH_EVENTS,
    MAX_POSITION_MS,
    MAX_RATE,
    MAX_SEQ,
    QuizEvent,
    TelemetryBatch,
)

FIELDS = frozenset({"v", "quizzes", *COLUMNS})
columns_of = itemgetter(*COLUMNS)
QUIZZES = TypeAdapter(list[QuizEvent])


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of one record."""

    beats: Columns
    quizzes: list[QuizEvent]

    @classmethod
    def of(cls, batch: TelemetryBatch) -> "Batch":
        """What the slow way has read."""
        return cls(Columns(batch.received_at, batch.teacher_id, batch.resource_id,
                           batch.session_id, batch.opened_at, batch.seq, batch.start, batch.end,
                           batch.rate), batch.quizzes)

    @property
    def events(self) -> int:
        return len(self.beats.seq) + len(self.quizzes)

    def only(self, wanted: Callable[[str], bool]) -> "Batch":
        """The events of the teachers that are wanted."""
        kept = {teacher_id: wanted(teacher_id) for teacher_id in self.beats.teacher_id}
        beats = self.beats.some([row for row, i in enumerate(self.beats.teacher_id) if kept[i]])
        return Batch(beats, [quiz for quiz in self.quizzes if wanted(quiz.teacher_id)])


def read_batch(raw: bytes | None) -> tuple[Batch | None, list[Refused]]:
    """The readable events of a telemetry record, and what of it had to be refused."""
    plain = _plain(raw)
    if plain is not None:
        return plain, []
    batch, refused = decode_batch(raw)
    return None if batch is None else Batch.of(batch), refused


def _plain(raw: bytes | None) -> Batch | None:
    """The record, if it is plainly right."""
    try:
        body = orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict) or body.keys() != FIELDS or not whole_numbers([body["v"]], 1, 1):
        return None
    columns = columns_of(body)
    return _read(columns, body["quizzes"]) if _is_sound(columns) else None


def _read(columns: tuple[list[Any], ...], quizzes: object) -> Batch | None:
    try:
        return Batch(Columns(*columns), QUIZZES.validate_python(quizzes))
    except ValidationError:
        return None


def _is_sound(columns: tuple[Any, ...]) -> bool:
    if not all(isinstance(column, list) for column in columns):
        return False
    if {len(column) for column in columns} - {len(columns[0])}:
        return False
    at, teacher, resource, session, opened_at, seq, start, end, rate = columns
    return (len(at) <= MAX_BATCH_EVENTS
            and whole_numbers(at, 0, MAX_EPOCH_MS) and whole_numbers(opened_at, 0, MAX_EPOCH_MS)
            and whole_numbers(seq, 1, MAX_SEQ) and whole_numbers(rate, 1, MAX_RATE)
            and whole_numbers(start, 0, MAX_POSITION_MS) and whole_numbers(end, 0, MAX_POSITION_MS)
            and texts(teacher) and texts(resource) and texts(session))
