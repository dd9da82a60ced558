"""What the crediting agent makes of a completion or an enrolment."""

import orjson
import pytest

from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Shard
from pipeline.rules.credit import OpeningBalance as Opening
from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Resource, Window
from pipeline.schemas.adjustments import Grant, Hold, OpeningBalance, Reversal, Withdrawal
from pipeline.schemas.base import Record
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.rejections import Reason
from tests.agents.records import STRANGER, TEACHERS
from tests.agents.working import PARTITION, PARTITIONS

ANN = TEACHERS[0]
COURSE = Course("c", "c", 15, None, tuple(
    Resource(f"r{n}", "video", "r", 10_000, 10, ()) for n in (1, 2, 3)))


def programme(id_: str, course: Course, through: tuple[str, ...] = ()) -> Programme:
    return Programme(id_, id_, Window(0, 10**9, 0), (course,), Clock(200, 60_000, 0), 2700, True,
                     through, 0, 0, "passed", 1.0, False)


EARLY = programme("early", COURSE)
LATE = programme("late", Course("c", "c", 15, "early", COURSE.resources), ("early",))
CATALOGUE = Catalogue.of([EARLY, LATE])


TOPICS: dict[type, str] = {Enrolment: "enrolments", **dict.fromkeys(
    (Grant, Withdrawal, Hold, Reversal, OpeningBalance), "adjustments")}


class Agent:
    def __init__(self) -> None:
        self.shard: Shard[Book] = Shard(PARTITION, PARTITIONS, 2, BOOK_CODEC, {})

    def take(self, record: Record | bytes | None) -> list[Refused]:
        topic = TOPICS.get(type(record), "completions")
        raw = record.to_json() if isinstance(record, Record) else record
        agent = Crediting(CATALOGUE, "ledger")
        return agent.take(self.shard, topic, raw)

    def ledger(self) -> list[tuple[object, ...]]:
        """(programme, seq, kind, seconds, learned, credited) of every entry so far."""
        rows = [LedgerEntry.model_validate_json(o.value) for o in self.shard.outcomes]
        return [(r.programme_id, r.seq, r.kind, r.seconds, r.learned, r.credited) for r in rows]


def done(resource: str, at: int, teacher: str = ANN, programme_id: str = "early") -> Completion:
    return Completion(teacher_id=teacher, programme_id=programme_id, resource_id=resource,
                      status="done", at=at)


def test_rules_5_13_one_completion_is_entered_in_every_programme_it_counts_for() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(done("r1", 2))
    agent.take(done("r2", 3))
    assert [row for row in agent.ledger() if row[0] == "late"] == [
        ("late", 1, "enrolled", 0, 0, 0),
        ("late", 2, "started", 0, 0, 0),
        ("late", 3, "learned", 10, 10, 10),
        ("late", 4, "learned", 10, 20, 15),
        ("late", 5, "completed", 0, 0, 0),
    ]
    assert [row[1] for row in agent.ledger() if row[0] == "early"] == [1, 2, 3, 4]


def test_rule_21_enrolling_late_credits_without_learning() -> None:
    agent = Agent()
    agent.take(done("r1", 2, programme_id="late"))
    agent.take(Enrolment(teacher_id=ANN, programme_id="late", at=3))
    assert agent.ledger() == [
        ("late", 1, "learned", 10, 10, 0),
        ("late", 2, "enrolled", 0, 0, 0),
        ("late", 3, "credited", 0, 10, 10),
    ]


def test_rule_14_a_repeated_completion_is_no_entry() -> None:
    agent = Agent()
    agent.take(done("r1", 2))
    before = agent.ledger()
    agent.take(done("r1", 2))
    agent.take(done("r1", 5))
    assert agent.ledger() == before


@pytest.mark.parametrize(("record", "reason"), [
    (done("r1", 1, teacher=STRANGER), Reason.WRONG_PARTITION),
    (done("r1", 1, programme_id="none"), Reason.UNKNOWN_PROGRAMME),
    (Enrolment(teacher_id=ANN, programme_id="none", at=1), Reason.UNKNOWN_PROGRAMME),
    (done("none", 1), Reason.UNKNOWN_RESOURCE),
    (None, Reason.TOMBSTONE),
    (b"{}", Reason.MALFORMED),
    (b'{"v":2}', Reason.UNKNOWN_VERSION),
])
def test_rule_19_what_cannot_be_entered_is_refused(
    record: Record | bytes | None, reason: Reason
) -> None:
    agent = Agent()
    (refused,) = agent.take(record)
    raw = record.to_json() if isinstance(record, Record) else record or b""
    assert (refused.reason, refused.raw) == (reason, raw)
    assert agent.ledger() == []
    assert not agent.shard.dirty


def test_a_book_with_everything_in_it_comes_back_from_the_changelog() -> None:
    book = Book()
    book.account.enrolled["early"] = 1
    book.account.started["late"] = 2
    book.account.done["early"] = {"r1": 3}
    book.account.openings["late"] = {"c": Opening(4, 5)}
    book.seqs["late"] = 6
    assert BOOK_CODEC.load(orjson.loads(orjson.dumps(BOOK_CODEC.dump(book)))) == book


@pytest.mark.parametrize("record", [
    Enrolment(teacher_id=ANN, programme_id="early", at=1),
    Completion(teacher_id=ANN, programme_id="early", resource_id="r3", status="started", at=2),
    done("r1", 2),
])
@pytest.mark.parametrize("later", [0, 5])
def test_rule_14_what_is_known_already_changes_nothing_and_is_not_written(
    record: Enrolment | Completion, later: int
) -> None:
    agent = Agent()
    for one in (Enrolment(teacher_id=ANN, programme_id="early", at=1), done("r1", 2),
                record.model_copy(update={"resource_id": "r1"})):
        agent.take(one)
    agent.shard.table.update(agent.shard.encode_some(9))
    before = agent.ledger()
    assert agent.take(record.model_copy(update={"at": record.at + later})) == []
    assert agent.ledger() == before
    assert not agent.shard.dirty


def test_rule_14_an_earlier_moment_is_noted() -> None:
    agent = Agent()
    agent.take(done("r1", 5))
    agent.take(done("r1", 2))
    book = agent.shard.peek(ANN)
    assert book is not None
    assert book.account.done["early"] == {"r1": 2}
