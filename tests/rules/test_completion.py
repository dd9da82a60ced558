"""Passes, and stretches that wait for one, where the other tests say too little (rule 8)."""

from pipeline.rules.completion import MAX_PASSED_IN, MAX_PENDING, Coverage, Moment, pass_quiz, watch
from pipeline.rules.programme import Quiz, Resource

QUIZ = Quiz("q", 5_000, {"1": "A"})
VIDEO = Resource("video", "video", "video", 10_000, 10, (QUIZ,))


def passed_at(*moments: Moment) -> list[Moment]:
    coverage = Coverage()
    for moment in moments:
        pass_quiz(coverage, QUIZ, moment)
    return coverage.passes["q"]


def test_rule_8_only_passes_that_may_help_are_kept() -> None:
    first, same_moment = Moment(100, "a", 5), Moment(100, "b", 1)
    later = Moment(101, "b", 1)
    assert passed_at(first, later) == [first, later], "first in its own session"
    assert passed_at(first, Moment(100, "a", 6)) == [first], "later in its session"
    assert passed_at(first, first) == [first]
    assert passed_at(first, same_moment) == [first, same_moment], "first in its own session"
    assert passed_at(first, Moment(99, "b", 9)) == [first, Moment(99, "b", 9)], "earlier"
    assert passed_at(first, Moment(100, "a", 4)) == [Moment(100, "a", 4)], "earlier there"
    assert passed_at(first, Moment(101, "a", 4)) == [first, Moment(101, "a", 4)], "out of order"
    everywhere = [Moment(100 + n, f"s{n}", 1) for n in range(MAX_PASSED_IN + 9)]
    assert passed_at(*everywhere) == everywhere[:MAX_PASSED_IN]


def test_rule_8_a_pass_elsewhere_counts_for_what_its_own_session_had_numbered_before_it() -> None:
    """An earlier pass in the stretch's own session under a higher number is not before it."""
    coverage = Coverage()
    pass_quiz(coverage, QUIZ, Moment(100, "a", 70))
    pass_quiz(coverage, QUIZ, Moment(400, "b", 70))
    watch(coverage, VIDEO, 5_000, 10_000, Moment(700, "a", 2))
    assert coverage.after == {"q": [5_000, 10_000]}


def test_rule_8_a_stretch_waits_for_an_earlier_pass_of_each_quiz_it_reaches_beyond() -> None:
    two = Resource("video", "video", "video", 10_000, 10, (QUIZ, Quiz("r", 8_000, {"1": "A"})))
    coverage = Coverage()
    watch(coverage, two, 0, 10_000, Moment(100, "a", 1))
    pass_quiz(coverage, two.quizzes[1], Moment(99, "b", 1))
    assert coverage.after == {"r": [8_000, 10_000]}
    pass_quiz(coverage, QUIZ, Moment(99, "b", 2))
    assert coverage.after == {"q": [5_000, 10_000], "r": [8_000, 10_000]}


def test_rule_8_only_the_newest_stretches_wait() -> None:
    coverage = Coverage()
    for seq in range(MAX_PENDING + 10):
        watch(coverage, VIDEO, 9_000, 9_500, Moment(1000 + seq, "a", seq))
    assert [s.moment.seq for s in coverage.pending] == list(range(10, MAX_PENDING + 10))
