"""A post, taken apart: rows for Kafka, and for each bad event what to tell and what to keep.

No good event beside a bad one is lost, so events are looked at one by one.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from pipeline.collector import checks
from pipeline.collector.checks import ObjectionError
from pipeline.collector.faults import Fault, error, refused
from pipeline.collector.messages import EVENT, Envelope, Heartbeat, QuizAnswers
from pipeline.collector.tokens import Play
from pipeline.collector.wire import QuizRow, Row
from pipeline.collector.wording import body_errors, event_errors
from pipeline.rules.programme import Catalogue
from pipeline.schemas.rejections import Reason, Rejection

LONGEST_DETAIL = 500


@dataclass(slots=True)
class Sorted:
    """The good events as rows; the bad ones as errors for the client and rejections to keep.

    `status` is the answer's if there are errors.
    """

    rows: list[Row] = field(default_factory=list)
    quizzes: list[QuizRow] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    status: int = Fault.MALFORMED.status

    @property
    def accepted(self) -> int:
        return len(self.rows) + len(self.quizzes)


@dataclass(frozen=True, slots=True)
class Sorter:
    """Sorts the posts of one play session that arrived at `received_at` (epoch ms)."""

    catalogue: Catalogue
    play: Play
    received_at: int

    def sort(self, body: bytes, max_events: int) -> Sorted:
        """Everything in the post, in its order.

        Raises:
            RefusedError: 403 for another resource than the play's, 413 for too many events.
        """
        out = Sorted()
        try:
            envelope = Envelope.model_validate(from_body(body))
        except ValueError as unreadable:
            self._refuse(out, body, Reason.MALFORMED, body_errors(unreadable))
            return out
        self._require_fit(envelope, max_events)
        for index, raw in enumerate(envelope.events):
            self._sort_event(out, index, raw)
        return out

    def _require_fit(self, envelope: Envelope, max_events: int) -> None:
        if envelope.resource_id not in (None, self.play.resource_id):
            raise refused(Fault.OTHER_RESOURCE, ("resource_id",),
                          "the token is for another resource: open a play of this one")
        if len(envelope.events) > max_events:
            raise refused(Fault.TOO_MANY_EVENTS, ("events",),
                          f"more than {max_events} events: send them in several posts")

    def _sort_event(self, out: Sorted, index: int, raw: Any) -> None:
        try:
            self._take(out, EVENT.validate_python(raw))
        except ValidationError as invalid:
            self._refuse(out, _dumped(raw), Reason.MALFORMED, event_errors(index, invalid))
        except ObjectionError as objection:
            out.status = min(out.status, objection.status)  # a 403 tells more than a 422
            entry = error(("events", index, objection.field), objection.type, objection.msg)
            self._refuse(out, _dumped(raw), objection.reason, [entry])

    def _take(self, out: Sorted, event: Heartbeat | QuizAnswers) -> None:
        resource = checks.resource_of(self.catalogue, self.play.resource_id)
        if isinstance(event, Heartbeat):
            out.rows.append(self._row(event, checks.stretch(self.catalogue, resource, event)))
        else:
            checks.require_quiz(self.catalogue, resource, event)
            out.quizzes.append(self._quiz_row(event))

    def _row(self, event: Heartbeat, stretch: checks.Stretch) -> Row:
        play = self.play
        return (self.received_at, play.teacher_id, play.resource_id, play.session_id,
                play.opened_at, event.seq, *stretch)

    def _quiz_row(self, event: QuizAnswers) -> QuizRow:
        return {
            "v": 1,
            "received_at": self.received_at,
            "teacher_id": self.play.teacher_id,
            "resource_id": self.play.resource_id,
            "session_id": self.play.session_id,
            "opened_at": self.play.opened_at,
            "seq": event.seq,
            "quiz_id": event.quiz_id,
            "answers": event.answers,
        }

    def _refuse(
        self, out: Sorted, raw: bytes, reason: Reason, errors: list[dict[str, Any]]
    ) -> None:
        """Tell the client, and keep the event (rule 19) under an identity that a retry shares."""
        out.errors += errors
        out.rejections.append(Rejection(
            reason=reason,
            topic=f"collector:{self.play.session_id}",
            partition=-1,
            offset=fingerprint(raw),
            at=self.received_at,
            detail=_detail(errors),
            teacher_id=self.play.teacher_id,
            resource_id=self.play.resource_id,
            session_id=self.play.session_id,
            raw=raw,
        ))


def fingerprint(raw: bytes) -> int:
    """0 ≤ n < 2⁵³ from the bytes: the same event has the same number in every retry, and every
    reader of JSON can hold it exactly.
    """
    return int.from_bytes(blake2b(raw, digest_size=8).digest()) >> 11


def from_body(body: bytes) -> Any:
    """The body's JSON. NaN is let in here, so that only the event that has it is refused.

    Raises:
        ValueError: it is not JSON.
    """
    return from_json(body, allow_inf_nan=True)


def _dumped(raw: Any) -> bytes:
    return to_json(raw, inf_nan_mode="constants")


def _detail(errors: list[dict[str, Any]]) -> str:
    """The errors in words, without the event's place in its post, which a retry may change."""
    return "; ".join(
        f"{'.'.join(map(str, entry['loc'][2:] or entry['loc']))}: {entry['msg']}"
        for entry in errors
    )[:LONGEST_DETAIL]
