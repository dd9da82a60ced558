"""The crediting agent: completions and enrolments in, ledger out (rules 3, 5, 12, 13, 21)."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.agents.decoding import decode
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Codec, Outcome, Shard
from pipeline.rules.changes import Change, changes
from pipeline.rules.credit import (
    Account,
    OpeningBalance,
    affected,
    enrol,
    mark_done,
    mark_started,
    standing,
)
from pipeline.rules.programme import Catalogue
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason


@dataclass(slots=True)
class Book:
    """One teacher's account, and the number of their last ledger entry by programme."""

    account: Account = field(default_factory=Account)
    seqs: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crediting:
    """What the agent needs to decide: the programmes, and the topics it deals with."""

    catalogue: Catalogue
    enrolments: str
    ledger: str

    def take(self, shard: Shard[Book], topic: str, raw: bytes | None) -> list[Refused]:
        """Decide on one completion or enrolment; ledger entries go to the shard's outbox."""
        record = self._decode(topic, raw)
        if isinstance(record, Refused):
            return [record]
        if reason := self._objection(shard, record):
            return [Refused(reason, raw or b"", teacher_id=record.teacher_id)]
        self._enter(shard, shard.touch(record.teacher_id), record)
        return []

    def _decode(self, topic: str, raw: bytes | None) -> Enrolment | Completion | Refused:
        if topic == self.enrolments:
            return decode(Enrolment, raw)
        return decode(Completion, raw)

    def _objection(self, shard: Shard[Book], record: Enrolment | Completion) -> Reason | None:
        if partition_of(record.teacher_id, shard.partitions) != shard.partition:
            return Reason.WRONG_PARTITION
        if record.programme_id not in self.catalogue.programmes:
            return Reason.UNKNOWN_PROGRAMME
        if isinstance(record, Completion) and record.resource_id not in self.catalogue.listings:
            return Reason.UNKNOWN_RESOURCE
        return None

    def _enter(
        self, shard: Shard[Book], book: Book, record: Enrolment | Completion
    ) -> None:
        programmes = affected(self.catalogue, record.programme_id)
        before = [standing(programme, book.account) for programme in programmes]
        apply(book.account, record)
        resource_id = record.resource_id if isinstance(record, Completion) else None
        for programme, old in zip(programmes, before, strict=True):
            new = standing(programme, book.account)
            for change in changes(old, new, record.at, resource_id):
                self._write(shard, book, record.teacher_id, programme.id, change)

    def _write(
        self, shard: Shard[Book], book: Book, teacher_id: str, programme_id: str, change: Change
    ) -> None:
        seq = book.seqs[programme_id] = book.seqs.get(programme_id, 0) + 1
        entry = LedgerEntry.model_construct(
            v=1, teacher_id=teacher_id, programme_id=programme_id, seq=seq, kind=change.kind,
            at=change.at, course_id=change.course_id, resource_id=change.resource_id,
            seconds=change.seconds, learned=change.learned, credited=change.credited,
        )
        shard.outcomes.append(Outcome(self.ledger, teacher_id, entry.to_json()))


def apply(account: Account, record: Enrolment | Completion) -> None:
    """Note in the account what the record says."""
    if isinstance(record, Enrolment):
        enrol(account, record.programme_id, record.at)
    elif record.status == "started":
        mark_started(account, record.programme_id, record.at)
    else:
        mark_done(account, record.programme_id, record.resource_id, record.at)


def _dump(book: Book) -> list[Any]:
    account = book.account
    openings = {p: {c: list(o) for c, o in rows.items()} for p, rows in account.openings.items()}
    return [account.enrolled, account.started, account.done, openings, book.seqs]


def _load(stored: list[Any]) -> Book:
    enrolled, started, done, openings, seqs = stored
    balances = {p: {c: OpeningBalance(*o) for c, o in rows.items()}
                for p, rows in openings.items()}
    return Book(Account(enrolled, started, done, balances), seqs)


BOOK_CODEC = Codec(new=Book, dump=_dump, load=_load)
