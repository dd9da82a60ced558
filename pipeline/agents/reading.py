"""A telemetry record as the rules take it: columns and quizzes.

Nearly every record is as the collector makes it. So its columns stay where they are, and are looked
at once for numbers that cannot be; whatever is not plainly right goes to `decoding`, which tells
what is wrong. Ids are not checked here but where they are looked up: most are known already
(rules/columns.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from pipeline.agents.decoding import batch_rows, decode_batch
from pipeline.agents.rejecting import Refused
from pipeline.rules.columns import Columns
from pipeline.schemas.base import MAX_EPOCH_MS
from pipeline.schemas.packed import Places, is_packed, packed, places
from pipeline.schemas.telemetry import (
    MAX_BATCH_EVENTS,
    MAX_POSITION_MS,
    MAX_RATE,
    QuizEvent,
    TelemetryBatch,
)

QUIZZES = TypeAdapter(list[QuizEvent])
NO_QUIZZES = b"[]"


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of one record."""

    beats: Columns
    quizzes: list[QuizEvent]

    @classmethod
    def of(cls, batch: TelemetryBatch) -> "Batch":
        """What the slow way has read."""
        raw = packed(list(batch_rows(batch)), NO_QUIZZES)
        return cls(_columns(raw, places(raw)), batch.quizzes)

    @property
    def events(self) -> int:
        return self.beats.count + len(self.quizzes)

    def only(self, wanted: Callable[[str], bool]) -> "Batch":
        """The events of the teachers that are wanted."""
        rows = self.beats.rows()
        kept = {teacher_id: wanted(teacher_id) for _, teacher_id, *_ in rows}
        raw = packed([row for row in rows if kept[row[1]]], NO_QUIZZES)
        return Batch(_columns(raw, places(raw)),
                     [quiz for quiz in self.quizzes if wanted(quiz.teacher_id)])


def read_batch(raw: bytes | None) -> tuple[Batch | None, list[Refused]]:
    """The readable events of a telemetry record, and what of it had to be refused."""
    plain = _plain(raw)
    if plain is not None:
        return plain, []
    batch, refused = decode_batch(raw)
    return None if batch is None else Batch.of(batch), refused


def _plain(raw: bytes | None) -> Batch | None:
    """The record, if it is plainly right."""
    if raw is None or not is_packed(raw):
        return None
    try:
        at = places(raw)
        columns = _columns(raw, at)
        quizzes = raw[at.quizzes:]
        handed = [] if quizzes == NO_QUIZZES else QUIZZES.validate_json(quizzes)
    except ValueError:
        return None
    is_sound = (at.rows <= MAX_BATCH_EVENTS and raw[at.teachers:at.received_at].isascii()
                and columns.is_within(MAX_EPOCH_MS, MAX_POSITION_MS, MAX_RATE))
    return Batch(columns, handed) if is_sound else None


def _columns(raw: bytes, at: Places) -> Columns:
    """Raises ValueError: the resources are no text."""
    resources = raw[at.resources:at.quizzes].decode().split("\n")
    return Columns(raw, resources, *at[:-2])  # which end with `resource`
