"""Lines of the ledger where the generated cases (tests/generated/test_credit.py) say too little."""

from pipeline.rules.changes import NOTHING_YET, Change, changes
from pipeline.rules.credit import CourseStanding, Standing


def standing(learned: int, credited: int, completed_at: int | None = None) -> Standing:
    course = CourseStanding("c", learned, credited, 100)
    return Standing((course,), enrolled_at=1, started_at=2, completed_at=completed_at)


def test_nothing_changed_is_no_line() -> None:
    assert list(changes(standing(10, 10), standing(10, 10), 5, "r")) == []


def test_rule_13_all_lines_of_a_first_standing_in_their_order() -> None:
    assert list(changes(NOTHING_YET, standing(120, 100, completed_at=5), 5, "r")) == [
        Change("enrolled", 1), Change("started", 2),
        Change("learned", 5, "c", "r", 120, 120, 100), Change("completed", 5)]


def test_rule_13_learning_past_the_cap_is_a_line_too() -> None:
    assert list(changes(standing(100, 100), standing(160, 100), 5, "r")) == [
        Change("learned", 5, "c", "r", 60, 160, 100)]


def test_rule_5_less_is_learned_by_a_line_without_seconds() -> None:
    """What turns out to be in an opening balance is taken out; `seconds` is never below 0."""
    assert list(changes(standing(60, 60), standing(50, 50), 5, "r")) == [
        Change("credited", 5, "c", None, 0, 50, 50)]
    assert list(changes(standing(160, 100), standing(150, 100), 5, "r")) == [
        Change("credited", 5, "c", None, 0, 150, 100)]
