"""The crediting agent: completions, enrolments, adjustments in; ledger out (3, 5, 12, 13, 21)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipeline.agents.decoding import decode_by
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Codec, Outcome, Shard
from pipeline.agents.stored import Upgrades
from pipeline.rules import credit
from pipeline.rules.changes import Change, Decided, changes, decided
from pipeline.rules.credit import Account, Adjustment, affected, standing
from pipeline.rules.credit import OpeningBalance as Opening
from pipeline.rules.entering import Place, enter_done, places
from pipeline.rules.programme import Catalogue
from pipeline.schemas.adjustments import (
    ADJUSTMENT,
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry, entry_json
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason
from pipeline.schemas.topics import ADJUSTMENTS, COMPLETIONS, ENROLMENTS

T = TypeVar("T")
Input = Completion | Enrolment | AnyAdjustment
READ: dict[str, Callable[[bytes], Input]] = {
    COMPLETIONS.name: Completion.model_validate_json,
    ENROLMENTS.name: Enrolment.model_validate_json,
    ADJUSTMENTS.name: ADJUSTMENT.validate_json,
}
HEARD = (Completion, Enrolment)  # as a union it would be made anew for every record


@dataclass(slots=True)
class Book:
    """One teacher's account; by programme, the number of their last ledger entry, and the ids
    of the adjustments that are in the ledger.
    """

    account: Account = field(default_factory=Account)
    seqs: dict[str, int] = field(default_factory=dict)
    decided: dict[str, list[str]] = field(default_factory=dict)

    def next_seq(self, programme_id: str) -> int:
        """The number of the programme's next ledger entry."""
        seq = self.seqs[programme_id] = self.seqs.get(programme_id, 0) + 1
        return seq


@dataclass(frozen=True, slots=True)
class Crediting:
    """What the agent needs to decide: the programmes, and where its outcomes go.

    `_places` has, by programme and resource, where one that is done counts.
    """

    catalogue: Catalogue
    ledger: str
    _places: dict[tuple[str, str], list[Place]] = field(default_factory=dict, init=False)

    def take(self, shard: Shard[Book], topic: str, raw: bytes | None) -> list[Refused]:
        """Decide on one record; ledger entries go to the shard's outbox."""
        record = decode_by(READ[topic], raw)
        if isinstance(record, Refused):
            return [record]
        if reason := self._objection(shard, record):
            return [Refused(reason, raw or b"", teacher_id=record.teacher_id)]
        shard.taken += 1
        book = shard.find(record.teacher_id)
        if isinstance(record, HEARD) and is_known(book.account, record):
            return []
        shard.mark(record.teacher_id)
        if isinstance(record, HEARD):
            self._write(shard, book, record.teacher_id, self._entered(book.account, record))
        else:
            self._decide(shard, book, record)
        return []

    def _objection(self, shard: Shard[Book], record: Input) -> Reason | None:
        if partition_of(record.teacher_id, shard.partitions) != shard.partition:
            return Reason.WRONG_PARTITION
        programme = self.catalogue.programmes.get(record.programme_id)
        if programme is None:
            return Reason.UNKNOWN_PROGRAMME
        if isinstance(record, Completion):
            is_listed = record.resource_id in self.catalogue.listings
            return None if is_listed else Reason.UNKNOWN_RESOURCE
        course_id = course_of(record)
        if course_id and all(course.id != course_id for course in programme.courses):
            return Reason.UNKNOWN_COURSE
        return None

    def _entered(
        self, account: Account, record: Enrolment | Completion
    ) -> list[tuple[str, Change]]:
        """Note what the record says; the lines of each programme."""
        if isinstance(record, Completion) and record.status == "done":
            where = self._where(record.programme_id, record.resource_id)
            return enter_done(where, account, record.programme_id, record.resource_id, record.at)
        programmes = affected(self.catalogue, record.programme_id)
        before = [standing(programme, account) for programme in programmes]
        note(account, record)
        return [(programme.id, line) for programme, old in zip(programmes, before, strict=True)
                for line in changes(old, standing(programme, account), record.at)]

    def _where(self, programme_id: str, resource_id: str) -> list[Place]:
        place = (programme_id, resource_id)
        found = self._places.get(place)
        if found is None:
            found = self._places[place] = places(self.catalogue, programme_id, resource_id)
        return found

    def _write(
        self, shard: Shard[Book], book: Book, teacher_id: str, lines: Iterable[tuple[str, Change]]
    ) -> None:
        for programme_id, line in lines:
            value = entry_json(teacher_id, programme_id, book.next_seq(programme_id), line)
            shard.outcomes.append(Outcome(self.ledger, teacher_id, value))

    def _decide(self, shard: Shard[Book], book: Book, record: AnyAdjustment) -> None:
        ids = book.decided.setdefault(record.programme_id, [])
        if record.adjustment_id in ids:
            return
        ids.append(record.adjustment_id)
        programme = self.catalogue.programmes[record.programme_id]
        before = standing(programme, book.account)
        note(book.account, record)
        kind, course_id, seconds = _line(book.account, record)
        for line in decided(before, standing(programme, book.account), record.at, kind,
                            course_id, seconds):
            entry = _entry(record, book.next_seq(programme.id), line)
            shard.outcomes.append(Outcome(self.ledger, record.teacher_id, entry.to_json()))


def _entry(decision: AnyAdjustment, seq: int, line: Change) -> LedgerEntry:
    """A line of what somebody decided, with who and why."""
    return LedgerEntry.model_construct(
        v=1, teacher_id=decision.teacher_id, programme_id=decision.programme_id, seq=seq,
        adjustment_id=decision.adjustment_id, by=decision.by, reason=decision.reason,
        reverses=decision.reverses if isinstance(decision, Reversal) else None,
        **line._asdict())


def course_of(record: Input) -> str | None:
    """The course that an adjustment names."""
    return record.course_id if isinstance(record, Grant | Withdrawal | OpeningBalance) else None


def is_known(account: Account, record: Completion | Enrolment) -> bool:
    """Whether the account has it, at that moment or an earlier one, so that it changes nothing: as
    every video but the first that is started in a programme.
    """
    if isinstance(record, Enrolment):
        moments, key = account.enrolled, record.programme_id
    elif record.status == "started":
        moments, key = account.started, record.programme_id
    else:
        moments, key = account.done.get(record.programme_id, {}), record.resource_id
    return key in moments and moments[key] <= record.at


def note(account: Account, record: Input) -> None:
    """Note in the account what the record says."""
    programme_id = record.programme_id
    match record:
        case Enrolment():
            credit.enrol(account, programme_id, record.at)
        case Completion(status="started"):
            credit.mark_started(account, programme_id, record.at)
        case Completion():
            credit.mark_done(account, programme_id, record.resource_id, record.at)
        case Grant() | Withdrawal():
            one = Adjustment(record.kind, record.course_id, record.seconds, record.at)
            credit.adjust(account, programme_id, record.adjustment_id, one)
        case Hold():
            one = Adjustment("hold", "", 0, record.at)
            credit.adjust(account, programme_id, record.adjustment_id, one)
        case Reversal():
            credit.reverse(account, programme_id, record.reverses)
        case OpeningBalance():
            credit.open_balance(account, programme_id, record.course_id,
                                Opening(record.seconds, record.as_of))


DECIDED: dict[str, Decided] = {
    "grant": "granted", "withdraw": "withdrawn", "hold": "held", "opening": "opened",
}


def _line(account: Account, record: AnyAdjustment) -> tuple[Decided, str | None, int]:
    """What the ledger calls it, which course it moves, and by how many seconds."""
    if not isinstance(record, Reversal):
        return DECIDED[record.kind], course_of(record), getattr(record, "seconds", 0)
    taken_back = account.adjustments.get(record.programme_id, {}).get(record.reverses)
    return "reversed", (taken_back.course_id or None) if taken_back else None, 0


def _dump(book: Book) -> list[Any]:
    account = book.account
    return [account.enrolled, account.started, account.done, _lists(account.openings),
            book.seqs, _lists(account.adjustments), account.reversed, book.decided]


def _load(stored: list[Any]) -> Book:
    enrolled, started, done, openings, seqs, adjustments, taken_back, ids = stored
    return Book(
        Account(enrolled, started, done, _tuples(Opening, openings),
                _tuples(Adjustment, adjustments), taken_back),
        seqs, ids,
    )


def _lists(rows: Mapping[str, Mapping[str, tuple[Any, ...]]]) -> dict[str, dict[str, list[Any]]]:
    return {p: {i: list(values) for i, values in of.items()} for p, of in rows.items()}


def _tuples(make: Callable[..., T], stored: dict[str, dict[str, Any]]) -> dict[str, dict[str, T]]:
    return {p: {i: make(*values) for i, values in rows.items()} for p, rows in stored.items()}


BOOK_UPGRADES: Upgrades = {2: lambda book: book}
BOOK_CODEC = Codec(new=Book, dump=_dump, load=_load, upgrades=BOOK_UPGRADES)
