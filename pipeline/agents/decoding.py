"""From the raw bytes of a record to events that are safe to decide on; the rest is refused.

Beside a bad event no good one is lost: a batch that does not validate as a whole is taken
apart into its rows, as long as its columns still line up.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from pipeline.agents.rejecting import Refused
from pipeline.schemas.base import Record
from pipeline.schemas.packed import COLUMNS, values
from pipeline.schemas.rejections import Reason
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch

R = TypeVar("R", bound=Record)

LATER_VERSIONS = {bytes([version]) for version in range(3, 9)}
"""First bytes of packed records that are not known yet; with the next one JSON may begin."""


def decode(model: type[R], raw: bytes | None) -> R | Refused:
    """One record of one model."""
    return decode_by(model.model_validate_json, raw)


def decode_by(read: Callable[[bytes], R], raw: bytes | None) -> R | Refused:
    """One record, as `read` makes it of its bytes, or says why not by a ValueError."""
    if raw is None:
        return Refused(Reason.TOMBSTONE, b"")
    try:
        return read(raw)
    except ValidationError as error:
        return Refused(_reason(raw), raw, detail=describe(error))
    except ValueError as error:
        return Refused(_reason(raw), raw, detail=f"record: {error}")


def decode_batch(raw: bytes | None) -> tuple[TelemetryBatch | None, list[Refused]]:
    """The readable rows of a telemetry record, and what of it had to be refused."""
    batch = decode_by(TelemetryBatch.read, raw)
    if isinstance(batch, TelemetryBatch):
        return batch, []
    rows = None if batch.reason is not Reason.MALFORMED else _rows(batch.raw)
    if rows is None:
        return None, [batch]
    return _salvage(*rows, batch)


def describe(error: ValidationError) -> str:
    """The first few faults as `place: what is wrong`, without the input's own text."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg']}" for fault in faults[:3]
    )


def _reason(raw: bytes) -> Reason:
    """Whether a record of another version was sent, or just a bad one."""
    if raw[:1] in LATER_VERSIONS:
        return Reason.UNKNOWN_VERSION
    try:
        body = values(raw)
    except ValueError:
        return Reason.MALFORMED
    version = body.get("v", 1) if isinstance(body, dict) else 1
    is_other = isinstance(version, int) and not isinstance(version, bool) and version != 1
    return Reason.UNKNOWN_VERSION if is_other else Reason.MALFORMED


def _rows(raw: bytes) -> tuple[list[dict[str, Any]], list[Any]] | None:
    """The batch as rows and quizzes, or None where the columns do not line up. NaN is let in, so
    that only the row that has it is refused.
    """
    try:
        body = values(raw)
    except ValueError:
        return None
    if not isinstance(body, dict) or set(body) - {"v", "quizzes", *COLUMNS}:
        return None
    columns = [body.get(name) for name in COLUMNS]
    quizzes = body.get("quizzes", [])
    if not all(isinstance(column, list) for column in [*columns, quizzes]):
        return None
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) != 1:
        return None
    heartbeats = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]
    return heartbeats, quizzes


def _salvage(
    heartbeats: list[dict[str, Any]], quizzes: list[Any], whole: Refused
) -> tuple[TelemetryBatch, list[Refused]]:
    """The good rows, and the bad ones; or all of the record where the fault is in no row."""
    bad: list[Any] = []
    good = _kept(_one_row, heartbeats, bad)
    merged: dict[str, Any] = {
        name: [value for one in good for value in getattr(one, name)]
        for name in TelemetryBatch.model_fields if name not in {"v", "quizzes"}
    }
    batch = TelemetryBatch.model_construct(v=1, quizzes=_kept(_one_quiz, quizzes, bad), **merged)
    if not bad:
        return batch, [whole]
    rows = to_json(bad, inf_nan_mode="constants")
    return batch, [Refused(Reason.MALFORMED, rows, len(bad), whole.detail)]


def _kept(parse: Callable[[Any], R], rows: list[Any], bad: list[Any]) -> list[R]:
    """The rows that validate; the others go to `bad`."""
    kept = []
    for row in rows:
        try:
            kept.append(parse(row))
        except ValidationError:
            bad.append(row)
    return kept


def _one_row(row: dict[str, Any]) -> TelemetryBatch:
    return TelemetryBatch.model_validate({name: [value] for name, value in row.items()})


def _one_quiz(row: Any) -> QuizEvent:
    return QuizEvent.model_validate(row)


def batch_rows(batch: TelemetryBatch) -> Iterator[tuple[Any, ...]]:
    """The heartbeats as tuples in the order of COLUMNS."""
    return zip(batch.received_at, batch.teacher_id, batch.resource_id, batch.session_id,
               batch.opened_at, batch.seq, batch.start, batch.end, batch.rate, strict=True)
