"""Copy (c): the topics hold the truth, and every record that is lost or wrong is found."""

import pytest

from audit.evidence import Stored
from chaos.copies.figures import Difference, Figures, compare
from chaos.copies.logs import of_completions, of_ledger
from chaos.rows import rows
from chaos.unreadable import UnreadableError
from simulator.catalogue import Catalogue
from tests.chaos.summer import Summer


def what(differences: list[Difference]) -> set[tuple[object, ...]]:
    return {(d.copy, d.what, d.expected, d.actual) for d in differences}


def test_rule_14_completions_and_ledger_hold_the_truth(
    one_summer: Summer, truth: Figures, programmes: Catalogue
) -> None:
    """Repeats, as after a crash, change nothing."""
    completions = list(rows(one_summer.topics["completions"].records))
    entries_ = list(rows(one_summer.topics["ledger"].records))
    for copy in (of_completions([*completions, *completions[::3]], programmes),
                 of_ledger([*entries_, *entries_[::2]], programmes)):
        assert compare(copy, truth) == []


def test_what_is_planted_on_a_topic_is_left_out() -> None:
    good = Stored(0, 0, 0, b"t1", b'{"a":1}')
    assert list(rows([good, Stored(0, 1, 0, b"planted:malformed:1", b"\xff")])) == [{"a": 1}]
    for value in (None, b"", b"\xff", b"[]", b"null"):
        with pytest.raises(UnreadableError, match="partition 3, offset 9: not a record"):
            list(rows([Stored(3, 9, 0, b"t1", value)]))


def test_a_repeat_that_says_otherwise_is_found(
    one_summer: Summer, truth: Figures, programmes: Catalogue
) -> None:
    for topic, read in (("completions", of_completions), ("ledger", of_ledger)):
        records = list(rows(one_summer.topics[topic].records))
        other = {**records[7], "at": records[7]["at"] + 1}
        [found] = compare(read([*records, other], programmes), truth)
        assert "a repeat says otherwise" in (found.what, found.place)
        assert found.teacher_id == records[7]["teacher_id"]


def test_a_lost_or_invented_record_is_found(
    one_summer: Summer, truth: Figures, programmes: Catalogue
) -> None:
    completions = list(rows(one_summer.topics["completions"].records))
    videos = {video.id for video in programmes.main.videos}
    done = next(n for n, one in enumerate(completions)
                if one["status"] == "done" and one["resource_id"] in videos)
    lost = compare(of_completions(completions[:done] + completions[done + 1:], programmes), truth)
    assert ("completions", "done", 1, 0) in what(lost)
    ledger = list(rows(one_summer.topics["ledger"].records))
    last = max(n for n, one in enumerate(ledger) if one["kind"] == "completed")
    open_again = compare(of_ledger(ledger[:last] + ledger[last + 1:], programmes), truth)
    assert [(one.what, one.actual) for one in open_again] == [("recognised", 0)]
    stranger = {**ledger[0], "teacher_id": "stranger", "seq": 1, "kind": "learned",
                "course_id": "cases", "resource_id": "r", "seconds": 9, "learned": 9}
    assert ("ledger", "learned", 0, 9) in what(
        compare(of_ledger([*ledger, stranger], programmes), truth))
