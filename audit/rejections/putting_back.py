"""What a replay of a rejection would send, and where; or why there is nothing to send. Pure."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from audit.rejections import words
from audit.rejections.records import COLLECTOR, Found, kind_of
from pipeline.schemas.packed import COLUMNS
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.topics import REJECTIONS, TELEMETRY

OF_THE_RULES = frozenset({
    Reason.NO_TIME_LEFT, Reason.TOO_OLD, Reason.TOO_SCATTERED, Reason.TOO_MANY_ATTEMPTS})


@dataclass(frozen=True, slots=True)
class Sending:
    """A record as it is to be sent. `topic` is the short name."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Hopeless:
    """Nothing is sent, and why."""

    why: str


def sending(one: Found, partitions: int) -> Sending | Hopeless:
    """The record that puts the rejection back. Whole records go as they were; refused rows of
    telemetry as a batch of their own.
    """
    rejection = one.rejection
    if why := _objection(rejection):
        return Hopeless(why)
    is_telemetry = rejection.topic == TELEMETRY.name
    key = None if is_telemetry or rejection.teacher_id is None else rejection.teacher_id.encode()
    value = batch_of(rejection.raw) if is_telemetry else rejection.raw
    return Sending(rejection.topic, _partition(rejection, partitions), key, value)


def _objection(rejection: Rejection) -> str | None:
    if kind_of(rejection.topic) == COLLECTOR:
        return words.COLLECTORS
    if rejection.reason in OF_THE_RULES:
        return words.OF_THE_RULES
    if rejection.topic == REJECTIONS.name:
        return words.NO_REJECTION
    return None if rejection.raw else words.EMPTY


def _partition(rejection: Rejection, partitions: int) -> int:
    if rejection.reason is Reason.WRONG_PARTITION and rejection.teacher_id is not None:
        return partition_of(rejection.teacher_id, partitions)
    return rejection.partition


def batch_of(raw: bytes) -> bytes:
    """A `TelemetryBatch` of the rows; what is no list of rows is a whole record, and stays."""
    try:
        rows = from_json(raw, allow_inf_nan=True)
    except ValueError:
        return raw
    return _batch(rows) if isinstance(rows, list) and rows else raw


def _batch(rows: list[Any]) -> bytes:
    """Workers write a heartbeat as a list in the order of COLUMNS where the rules refused it, as
    an object where it is malformed; and a quiz as [object], or as it is where it is malformed.
    """
    heartbeats, quizzes = [], []
    for row in rows:
        match row:
            case [{} as quiz]:
                quizzes.append(quiz)
            case [*values] if len(values) == len(COLUMNS):
                heartbeats.append(values)
            case {} if set(row) == set(COLUMNS):
                heartbeats.append([row[name] for name in COLUMNS])
            case _:
                quizzes.append(row)
    columns = zip(*heartbeats, strict=True) if heartbeats else ([] for _ in COLUMNS)
    batch = {"v": 1, **dict(zip(COLUMNS, columns, strict=True)), "quizzes": quizzes}
    return to_json(batch, inf_nan_mode="constants")
