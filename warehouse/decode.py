"""From a record's bytes to rows of the warehouse, or to why it was refused (rule 19)."""

from typing import Any, Protocol

from pydantic import ValidationError
from pydantic_core import from_json

from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.roster import ROSTER, Region, School, Teacher, Verification

Row = tuple[Any, ...]

ROSTER_KINDS = ("region", "school", "teacher", "verification")
OF_A_COURSE = {"learned", "credited", "granted", "withdrawn", "opened"}
# What any client of the database can still count with; schemas leave some numbers open.
MAX_NUMBER = 2**53


class Message(Protocol):
    """A record as the consumer hands it over."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class RefusedError(Exception):
    """The record cannot be loaded."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def ledger_row(message: Message) -> Row:
    """The row of incoming_ledger; raises RefusedError."""
    raw = _value(message)
    try:
        entry = LedgerEntry.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(raw, error) from error
    if entry.kind in OF_A_COURSE and entry.course_id is None:
        raise RefusedError(Reason.MALFORMED, f"course_id: missing for kind {entry.kind}")
    if entry.kind not in {*OF_A_COURSE, "reversed"} and entry.course_id is not None:
        raise RefusedError(Reason.MALFORMED, f"course_id: not allowed for kind {entry.kind}")
    return _bounded((
        entry.teacher_id, entry.programme_id, entry.seq, entry.kind, entry.at, entry.course_id,
        entry.resource_id, entry.seconds, entry.learned, entry.credited,
        message.partition, message.offset,
        entry.adjustment_id, entry.reverses, entry.by, entry.reason,
    ))


def roster_row(message: Message) -> tuple[str, Row]:
    """Name of the staging table and its row; raises RefusedError."""
    if message.value is None:
        return "incoming_removals", _removal(message)
    try:
        record = ROSTER.validate_json(message.value)
    except ValidationError as error:
        raise _refusal(message.value, error) from error
    return _roster_row(record, message.offset)


def _roster_row(
    record: Region | School | Teacher | Verification, offset: int
) -> tuple[str, Row]:
    match record:
        case Region():
            return "incoming_regions", (record.region, record.name, offset)
        case School():
            return "incoming_schools", (
                record.school_id, record.region, record.name, record.other, offset)
        case Teacher():
            return "incoming_teachers", (
                record.teacher_id, record.school_id, record.registered, record.at, offset,
                record.name, record.stage, record.subject)
        case Verification():
            return "incoming_verifications", (
                record.teacher_id, record.verified, record.at, offset)


def _removal(message: Message) -> Row:
    """A tombstone's key is `kind:id`, as that of the record it takes away."""
    kind, _, id_ = (message.key or b"").decode(errors="replace").partition(":")
    if kind not in ROSTER_KINDS or not id_:
        raise RefusedError(Reason.TOMBSTONE, "key: must be kind:id of what is taken away")
    return kind, id_, message.offset


def rejection_row(message: Message) -> Row | None:
    """The row of incoming_rejections; raises RefusedError.

    None for the further parts of a large one: the row has the beginning of its raw bytes, the
    topic has all of them.
    """
    raw = _value(message)
    try:
        rejection = Rejection.model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(raw, error) from error
    return _bounded(as_row(rejection)) if rejection.part == 0 else None


def as_row(rejection: Rejection) -> Row:
    """A rejection as the row of incoming_rejections."""
    return (
        rejection.topic, rejection.partition, rejection.offset, str(rejection.reason),
        rejection.count, rejection.at, rejection.teacher_id, rejection.resource_id,
        rejection.session_id, rejection.detail, rejection.raw,
    )


def rejection(message: Message, refused: RefusedError, at: int) -> Rejection:
    """What is sent to the `rejections` topic; `at` (epoch ms) is when it was refused."""
    return Rejection(
        reason=refused.reason, topic=message.topic, partition=message.partition,
        offset=message.offset, at=at, detail=refused.detail[:500], raw=message.value or b"",
    )


def _bounded(row: Row) -> Row:
    if any(isinstance(value, int) and value > MAX_NUMBER for value in row):
        raise RefusedError(Reason.MALFORMED, f"a number is beyond {MAX_NUMBER}")
    return row


def _value(message: Message) -> bytes:
    if message.value is None:
        raise RefusedError(Reason.TOMBSTONE, "a record without a value")
    return message.value


def _refusal(raw: bytes, error: ValidationError) -> RefusedError:
    if _version(raw) != 1:
        return RefusedError(Reason.UNKNOWN_VERSION, "v: not a version this build can read")
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    places = [
        f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg']}" for fault in faults[:3]
    ]
    return RefusedError(Reason.MALFORMED, "; ".join(places))


def _version(raw: bytes) -> object:
    """The `v` of the record: 1 where it says none, or is no record at all."""
    try:
        body = from_json(raw)
    except ValueError:
        return 1
    version = body.get("v", 1) if isinstance(body, dict) else 1
    # 1.0, true and "2" are wrong types, not other versions.
    return version if type(version) is int else 1
