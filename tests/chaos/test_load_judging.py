"""The naive judge, and time as sets of milliseconds, more naive still."""

from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.hostile import Subject
from chaos.load.judging import Claim, Judge, claims, free, joined
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.generated.profile import examples

OPENED = 1_690_000_000_000
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
    lambda one: (one[0], one[0] + one[1])), max_size=6)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Settings().programmes_dir)


def claim(seq: int, at_s: int, start: int = 0, end: int = 30_000, rate: int = 100,
          session: str = "s") -> Claim:
    return Claim("t", "teaching-01", session, OPENED, seq, OPENED + at_s * 1000, start, end, rate)


def moments(spans: list[tuple[int, int]]) -> set[int]:
    return {moment for start, end in spans for moment in range(start, end)}


@examples()
@given(SPANS)
def test_joined_spans_are_the_same_moments_apart_and_in_order(spans: list[tuple[int, int]]) -> None:
    found = joined(spans)
    assert moments(found) == moments(spans)
    assert all(left[1] < right[0] for left, right in pairwise(found))


@examples()
@given(SPANS, st.integers(0, 40), st.integers(0, 60))
def test_free_is_what_is_not_spent(spans: list[tuple[int, int]], start: int, length: int) -> None:
    found = list(free(joined(spans), start, start + length))
    assert moments(found) == set(range(start, start + length)) - moments(spans)


def test_rule_16_time_is_spent_once_and_the_slack_is_not_exceeded(catalogue: Catalogue) -> None:
    judge = Judge(catalogue)
    assert judge.reason(claim(1, at_s=20)) is None, "30 s of play within 20 s and the slack of 10"
    assert judge.reason(claim(2, at_s=59)) is None
    assert judge.reason(claim(3, at_s=60)) == "no_time_left"
    assert judge.reason(claim(4, at_s=80, session="other")) is None


def test_rule_16_what_was_played_offline_may_be_two_hours_old(catalogue: Catalogue) -> None:
    judge = Judge(catalogue)
    end = min(1_000_000, catalogue.resources["teaching-01"].duration_ms)
    said = [judge.reason(claim(seq, at_s=3 * 3600, end=end)) for seq in range(1, 30)]
    fit = 7_210_000 // end
    assert said[:fit] == [None] * fit
    assert set(said[fit:]) == {"no_time_left"}


def test_rule_17_fast_play_is_priced_at_the_highest_rate(catalogue: Catalogue) -> None:
    judge = Judge(catalogue)
    assert judge.reason(claim(1, at_s=5, rate=400)) is None
    assert judge.reason(claim(2, at_s=10, rate=200, end=12_000)) == "no_time_left"


def test_rule_18_a_repeat_is_no_refusal_whatever_became_of_it(catalogue: Catalogue) -> None:
    judge = Judge(catalogue)
    assert [judge.reason(claim(1, at_s=1)) for _ in range(2)] == ["no_time_left", None]
    quiz = claim(2, at_s=1, end=0, rate=0)
    assert judge.reason(quiz) is judge.reason(quiz) is None
    assert judge.reason(claim(2, at_s=100)) is None, "the number is the quiz's"


def test_what_is_not_of_the_video_is_refused_every_time(catalogue: Catalogue) -> None:
    judge = Judge(catalogue)
    length = catalogue.resources["teaching-01"].duration_ms
    beyond = claim(1, at_s=60, start=length - 5_000, end=length + 2_001)
    assert [judge.reason(beyond) for _ in range(2)] == ["bad_stretch"] * 2
    assert judge.reason(claim(1, at_s=60, start=length, end=length + 1)) == "bad_stretch"
    assert judge.reason(claim(1, at_s=60, start=9, end=9)) == "bad_stretch"
    assert judge.reason(claim(1, at_s=60, start=length - 5_000, end=length + 2_000)) is None


def test_all_events_of_a_record_are_claims() -> None:
    subject = Subject("t", "s", "v", "q", 60_000, OPENED)
    value = orjson.dumps(subject.batch(rows=2, quizzes=[subject.quiz_row(seq=9)]))
    found = list(claims(value))
    assert [(one.seq, one.end, one.rate) for one in found] == [
        (1, 15_000, 100), (2, 15_000, 100), (9, 0, 0)]
    assert {(one.teacher_id, one.session_id, one.opened_at) for one in found} == {
        ("t", "s", OPENED)}
