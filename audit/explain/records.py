"""What of the stored records is about one teacher. Bytes in, events out; nothing is decided."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from audit.evidence import Stored
from pipeline.agents.decoding import batch_rows, decode, decode_batch, decode_by
from pipeline.agents.rejecting import Refused
from pipeline.rules.watching import Heartbeat, QuizAnswers
from pipeline.schemas.adjustments import ADJUSTMENT, AnyAdjustment
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.packed import is_packed
from pipeline.schemas.rejections import Identity, Reason, Rejection, joined
from pipeline.schemas.roster import ROSTER
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch

Event = Heartbeat | QuizAnswers


class Logged(NamedTuple):
    """An event of the teacher, and where in `telemetry` it stands."""

    partition: int
    offset: int
    event: Event


class Damaged(NamedTuple):
    """Unreadable rows of a telemetry record that name both the teacher and the resource.

    `at` is the record's own time stamp, epoch ms.
    """

    at: int
    reason: Reason
    rows: int


class Extent(NamedTuple):
    """How much of `telemetry` was looked through.

    first_offset  of the partition's records that were read; 0: nothing has been deleted yet
    first_at      its time stamp, epoch ms; None where there is no record
    since         the moment from which records were asked for; None: all
    """

    records: int
    bytes: int
    first_offset: int
    first_at: int | None
    since: int | None

    @property
    def whole(self) -> bool:
        """Whether everything that was ever received is still there and was read."""
        return self.since is None and self.first_offset == 0


UNCUT = Extent(records=0, bytes=0, first_offset=0, first_at=None, since=None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is stored about one teacher; `damaged` about one resource.

    `events` are those of every resource, as a teacher has one clock for all, in the order in
    which the workers read them; `rejections` what is on record as refused of them, and of what
    never came so far.
    """

    teacher_id: str
    resource_id: str
    events: tuple[Logged, ...]
    damaged: tuple[Damaged, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    adjustments: tuple[AnyAdjustment, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    on_roster: bool = True
    extent: Extent = UNCUT


def quoted(id_: str) -> bytes:
    """The id as it stands in JSON, which its alphabet leaves as it is."""
    return b'"%b"' % id_.encode()


def may_name(raw: bytes, id_: str) -> bool:
    """Whether the id stands there: in JSON between quotes, in packed columns without."""
    return (id_.encode() if is_packed(raw) else quoted(id_)) in raw


def read(
    record: Stored, teacher_id: str, resource_id: str
) -> tuple[list[Logged], list[Damaged]]:
    """The teacher's events of a telemetry record: heartbeats, then quizzes, as workers take them;
    and what of it could not be read although it names the two.

    Most records have nothing of the teacher: they are passed over without being parsed.
    """
    if record.value is None or not may_name(record.value, teacher_id):
        return [], []
    batch, refused = decode_batch(record.value)
    events = _events(batch, teacher_id) if batch is not None else ()
    # A record that is refused as a whole and was read all the same has its fault in no row.
    lost = [one for one in refused if batch is None or one.raw != record.value]
    return ([Logged(record.partition, record.offset, event) for event in events],
            list(_damaged(record.at, lost, teacher_id, resource_id)))


def _events(batch: TelemetryBatch, teacher_id: str) -> Iterator[Event]:
    for at, teacher, resource_id, session_id, opened_at, seq, start, end, rate in batch_rows(batch):
        if teacher == teacher_id:
            yield Heartbeat(resource_id, session_id, opened_at, seq, at, start, end, rate)
    for quiz in batch.quizzes:
        if quiz.teacher_id == teacher_id:
            yield _answers(quiz)


def _answers(quiz: QuizEvent) -> QuizAnswers:
    return QuizAnswers(quiz.resource_id, quiz.session_id, quiz.opened_at, quiz.seq,
                       quiz.received_at, quiz.quiz_id, quiz.answers)


def _damaged(
    at: int, refused: Iterable[Refused], teacher_id: str, resource_id: str
) -> Iterator[Damaged]:
    for one in refused:
        if may_name(one.raw, teacher_id) and may_name(one.raw, resource_id):
            yield Damaged(at, one.reason, _rows(one, teacher_id, resource_id))


def _rows(refused: Refused, teacher_id: str, resource_id: str) -> int:
    """How many of the rows are the teacher's; 1 where it is not even rows."""
    try:
        rows = from_json(refused.raw, allow_inf_nan=True)
    except ValueError:
        return 1
    if not isinstance(rows, list):
        return 1
    wanted = (teacher_id, resource_id)
    return max(1, sum((row.get("teacher_id"), row.get("resource_id")) == wanted
                      for row in rows if isinstance(row, dict)))


def enrolments(records: Iterable[Stored], teacher_id: str) -> Iterator[Enrolment]:
    """The teacher's enrolments, in the topic's order."""
    for record in records:
        if record.value is not None and quoted(teacher_id) in record.value:
            found = decode(Enrolment, record.value)
            if isinstance(found, Enrolment) and found.teacher_id == teacher_id:
                yield found


def adjustments(records: Iterable[Stored], teacher_id: str) -> Iterator[AnyAdjustment]:
    """What people decided about the teacher, in the topic's order."""
    for record in records:
        if record.value is not None and quoted(teacher_id) in record.value:
            found = decode_by(ADJUSTMENT.validate_json, record.value)
            if not isinstance(found, Refused) and found.teacher_id == teacher_id:
                yield found


def rejections(records: Iterable[Stored], teacher_id: str) -> Iterator[Rejection]:
    """What was recorded as refused of the teacher: each once, and whole."""
    found: dict[Identity, dict[int, Rejection]] = {}
    for record in records:
        if record.value is not None and quoted(teacher_id) in record.value:
            one = decode(Rejection, record.value)
            if isinstance(one, Rejection) and one.teacher_id == teacher_id:
                found.setdefault(one.identity, {})[one.part] = one
    for parts in found.values():
        yield joined([parts[part] for part in sorted(parts)])


def refused_seqs(rejection: Rejection) -> Iterator[int]:
    """The sequence numbers of the refused rows, as a worker writes them down."""
    try:
        rows = from_json(rejection.raw)
    except ValueError:
        return
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [{"seq": int(seq)}]:  # a quiz
                yield seq
            case [_, _, _, _, _, int(seq), _, _, _]:  # a heartbeat, in the order of COLUMNS
                yield seq


def is_on_roster(record: Stored, teacher_id: str) -> bool:
    """Whether a roster record names the teacher."""
    if record.value is None or quoted(teacher_id) not in record.value:
        return False
    try:
        return getattr(ROSTER.validate_json(record.value), "teacher_id", None) == teacher_id
    except ValidationError:
        return False
