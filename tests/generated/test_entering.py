"""What the crediting agent sums up is what it would be if all were summed up before and after."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import event, given
from hypothesis import strategies as st

from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting, is_known, note
from pipeline.agents.shard import Shard
from pipeline.rules.changes import Change, Decided, changes, decided
from pipeline.rules.credit import Account, Standing, affected, standing
from pipeline.rules.programme import Catalogue, Programme
from pipeline.schemas.adjustments import (
    AnyAdjustment,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from tests.agents.working import PARTITION, PARTITIONS
from tests.generated.catalogues import catalogues
from tests.generated.profile import examples
from tests.generated.test_adjustments import ANN, Record, moments, records, topic_of

KINDS: dict[type, Decided] = {
    Grant: "granted", Withdrawal: "withdrawn", Hold: "held", OpeningBalance: "opened"}


@dataclass(slots=True)
class Slowly:
    """The ledger from whole standings: of every programme, before and after every record."""

    catalogue: Catalogue
    account: Account = field(default_factory=Account)
    decided: set[tuple[str, str]] = field(default_factory=set)
    seqs: dict[str, int] = field(default_factory=dict)

    def take(self, record: Record) -> Iterator[bytes]:
        """Models of the lines, as they stand on the wire."""
        if isinstance(record, Completion | Enrolment):
            if is_known(self.account, record):
                return
            resource_id = getattr(record, "resource_id", None)
            for programme, before, after in self._noted(record):
                for line in changes(before, after, record.at, resource_id):
                    yield self._entry(programme.id, line)
        elif (record.programme_id, record.adjustment_id) not in self.decided:
            yield from self._decide(record)

    def _noted(self, record: Record) -> list[tuple[Programme, Standing, Standing]]:
        programmes = affected(self.catalogue, record.programme_id)
        before = [standing(programme, self.account) for programme in programmes]
        note(self.account, record)
        after = [standing(programme, self.account) for programme in programmes]
        return list(zip(programmes, before, after, strict=True))

    def _decide(self, record: AnyAdjustment) -> Iterator[bytes]:
        self.decided.add((record.programme_id, record.adjustment_id))
        (before, after) = next((old, new) for programme, old, new in self._noted(record)
                               if programme.id == record.programme_id)
        for line in decided(before, after, record.at, *self._what(record)):
            yield self._entry(
                record.programme_id, line, adjustment_id=record.adjustment_id, by=record.by,
                reason=record.reason, reverses=getattr(record, "reverses", None))

    def _what(self, record: AnyAdjustment) -> tuple[Decided, str | None, int]:
        if not isinstance(record, Reversal):
            return (KINDS[type(record)], getattr(record, "course_id", None),
                    getattr(record, "seconds", 0))
        one = self.account.adjustments.get(record.programme_id, {}).get(record.reverses)
        return "reversed", (one.course_id or None) if one else None, 0

    def _entry(self, programme_id: str, line: Change, **why: str | None) -> bytes:
        seq = self.seqs[programme_id] = self.seqs.get(programme_id, 0) + 1
        entry = LedgerEntry.model_validate({
            "teacher_id": ANN, "programme_id": programme_id, "seq": seq, **line._asdict(), **why})
        return entry.to_json()


def new_shard(table: dict[bytes, bytes]) -> Shard[Book]:
    return Shard(PARTITION, PARTITIONS, 2, BOOK_CODEC, table)


@st.composite
def mixed(draw: st.DrawFn, catalogue: Catalogue) -> list[Record]:
    """Records of all kinds, with many more completions, in any order; starts among them."""
    done = st.builds(
        Completion, teacher_id=st.just(ANN), programme_id=st.sampled_from([*catalogue.programmes]),
        resource_id=st.sampled_from([*catalogue.resources]), at=moments,
        status=st.sampled_from(["started", "done", "done", "done"]))
    return draw(st.permutations([*draw(records(catalogue)), *draw(st.lists(done, max_size=12))]))


@examples(250)
@given(st.data(), catalogues(), st.sets(st.integers(0, 30)))
def test_rules_5_12_13_21_every_record_has_the_lines_of_whole_standings(
    data: st.DataObject, catalogue: Catalogue, stored_after: set[int]
) -> None:
    agent, slowly, shard = Crediting(catalogue, "ledger"), Slowly(catalogue), new_shard({})
    for number, record in enumerate(data.draw(mixed(catalogue))):
        refused = agent.take(shard, topic_of(record), record.to_json())
        lines = [] if refused else list(slowly.take(record))
        assert [outcome.value for outcome in shard.outcomes] == lines
        if not refused and isinstance(record, Completion):
            event(f"{record.status}: " + (b"+".join(map(kind, lines)).decode() or "no line"))
        shard.outcomes.clear()
        if number in stored_after:
            shard = new_shard({**shard.table, **shard.encode_some(9)})
    book = shard.peek(ANN) or Book()
    assert (book.account, book.seqs) == (slowly.account, slowly.seqs)


def kind(line: bytes) -> bytes:
    return LedgerEntry.model_validate_json(line).kind.encode()
