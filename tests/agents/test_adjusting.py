"""Adjustments: what people decide, each with who and why, reversible, in the ledger for ever."""

import orjson

from pipeline.agents.crediting import BOOK_CODEC
from pipeline.rules.credit import standing
from pipeline.schemas.adjustments import (
    Decision,
    Grant,
    Hold,
    OpeningBalance,
    Reversal,
    Withdrawal,
)
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.rejections import Reason
from tests.agents.test_crediting import ANN, EARLY, Agent, done


def decision(kind: type[Decision], number: int, **more: object) -> Decision:
    return kind.model_validate({
        "adjustment_id": f"a{number}", "teacher_id": ANN, "programme_id": "early", "by": "admin",
        "reason": "why", "at": number, **more})


def seconds_and_completion(agent: Agent) -> tuple[int, int, int, int | None]:
    """(learned, credited, recognised, completed_at) in the early programme."""
    now = standing(EARLY, agent.shard.touch(ANN).account)
    return now.learned, now.credited, now.recognised, now.completed_at


def test_a_granted_hour_counts_up_to_the_cap_and_can_be_taken_back() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(decision(Grant, 5, course_id="c", seconds=60))
    assert seconds_and_completion(agent) == (60, 15, 15, 5)
    agent.take(decision(Reversal, 6, reverses="a5"))
    assert seconds_and_completion(agent) == (0, 0, 0, None)
    assert [row[2:] for row in agent.ledger() if row[0] == "early"] == [
        ("enrolled", 0, 0, 0), ("granted", 60, 60, 15), ("completed", 0, 0, 0),
        ("reversed", 0, 0, 0), ("reopened", 0, 0, 0)]


def test_what_is_taken_back_before_it_comes_never_counts() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(decision(Reversal, 6, reverses="a5"))
    agent.take(decision(Grant, 5, course_id="c", seconds=60))
    assert seconds_and_completion(agent) == (0, 0, 0, None)
    assert [row[2] for row in agent.ledger() if row[0] == "early"] == [
        "enrolled", "reversed", "granted"]


def test_a_withdrawn_hour_reopens_what_was_completed_and_never_goes_below_nothing() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(done("r1", 2))
    agent.take(done("r2", 3))
    completed = seconds_and_completion(agent)
    assert completed[3] is not None
    agent.take(decision(Withdrawal, 7, course_id="c", seconds=1000))
    assert seconds_and_completion(agent) == (0, 0, 0, None)
    agent.take(decision(Reversal, 8, reverses="a7"))
    assert seconds_and_completion(agent) == completed


def test_rule_13_while_a_hold_stands_nothing_is_recognised_and_nothing_is_lost() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(decision(Hold, 2))
    agent.take(done("r1", 3))
    agent.take(done("r2", 4))
    learned, credited, recognised, completed_at = seconds_and_completion(agent)
    assert (credited, recognised, completed_at) == (15, 0, None)
    agent.take(decision(Reversal, 9, reverses="a2"))
    assert seconds_and_completion(agent) == (learned, 15, 15, 4), "as if it never had been held"
    assert [row[2] for row in agent.ledger() if row[0] == "early"][-2:] == [
        "reversed", "completed"]


def test_rule_5_an_opening_balance_is_entered_and_replaced_by_its_correction() -> None:
    agent = Agent()
    agent.take(Enrolment(teacher_id=ANN, programme_id="early", at=1))
    agent.take(done("r1", 2))
    agent.take(decision(OpeningBalance, 7, course_id="c", seconds=12, as_of=5))
    assert seconds_and_completion(agent)[0] == 12, "what was done before is in it"
    agent.take(decision(OpeningBalance, 8, course_id="c", seconds=14, as_of=5))
    assert seconds_and_completion(agent)[0] == 14
    assert [row[2] for row in agent.ledger() if row[0] == "early"][-2:] == ["opened", "opened"]


def test_rule_14_the_same_decision_again_changes_nothing_and_is_one_line() -> None:
    agent = Agent()
    grant = decision(Grant, 5, course_id="c", seconds=60)
    agent.take(grant)
    before = agent.ledger()
    agent.take(grant)
    assert agent.ledger() == before
    entry = LedgerEntry.model_validate_json(agent.shard.outcomes[0].value)
    assert (entry.adjustment_id, entry.by, entry.reason) == ("a5", "admin", "why")


def test_a_decision_about_no_course_of_the_programme_is_refused() -> None:
    (refused,) = Agent().take(decision(Grant, 5, course_id="none", seconds=60))
    assert refused.reason is Reason.UNKNOWN_COURSE


def test_decisions_come_back_from_the_stored_state() -> None:
    agent = Agent()
    agent.take(decision(Grant, 5, course_id="c", seconds=60))
    agent.take(decision(Hold, 6))
    agent.take(decision(Reversal, 7, reverses="a6"))
    agent.take(decision(OpeningBalance, 8, course_id="c", seconds=12, as_of=5))
    book = agent.shard.touch(ANN)
    assert BOOK_CODEC.load(orjson.loads(orjson.dumps(BOOK_CODEC.dump(book)))) == book
