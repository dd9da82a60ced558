"""`telemetry`: what players sent and the collector let in, packed by partition in columns.

On the wire a record is packed (packed.py), or JSON of this model, as earlier builds wrote all.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.schemas.base import EpochMs, Id, Record
from pipeline.schemas.packed import is_packed, unpacked

MAX_POSITION_MS = 24 * 3600 * 1000
MAX_BATCH_EVENTS = 10_000

MAX_SEQ = 2**31 - 1
MAX_RATE = 10_000

Seq = Annotated[int, Field(ge=1, le=MAX_SEQ)]
Position = Annotated[int, Field(ge=0, le=MAX_POSITION_MS)]
RatePercent = Annotated[int, Field(ge=1, le=MAX_RATE)]
Answer = Annotated[str, Field(max_length=200)]
Answers = Annotated[dict[Annotated[str, Field(max_length=64)], Answer | list[Answer]],
                    Field(max_length=100)]


class QuizEvent(Record):
    """Answers handed in to one quiz; marked on the server, never by the player (rule 10)."""

    received_at: EpochMs
    teacher_id: Id
    resource_id: Id
    session_id: Id
    opened_at: EpochMs
    seq: Seq
    quiz_id: Id
    answers: Answers


class TelemetryBatch(Record):
    """Events of one partition in their order of arrival.

    Every column has one entry a heartbeat. Positions are media milliseconds, `rate` is
    per cent of normal speed, `opened_at` is when the play session was opened (rule 16).
    """

    received_at: list[EpochMs] = Field(max_length=MAX_BATCH_EVENTS)
    teacher_id: list[Id]
    resource_id: list[Id]
    session_id: list[Id]
    opened_at: list[EpochMs]
    seq: list[Seq]
    start: list[Position] = Field(alias="from")
    end: list[Position] = Field(alias="to")
    rate: list[RatePercent]
    quizzes: list[QuizEvent] = Field(default=[], max_length=MAX_BATCH_EVENTS)

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """The record, packed or in JSON. Raises ValueError: it is neither, or not valid."""
        if is_packed(raw):
            return cls.model_validate(unpacked(raw))
        return cls.model_validate_json(raw)

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        columns = (self.teacher_id, self.resource_id, self.session_id, self.opened_at,
                   self.seq, self.start, self.end, self.rate)
        if any(len(column) != len(self.received_at) for column in columns):
            raise ValueError("columns differ in length")
        return self
