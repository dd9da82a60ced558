"""Rule 10 ⚙ `quiz_attempts`: nothing but hand-ins, for days, of two quizzes at a video's end."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.history import Teacher
from audit.reference.log import Answered, Entry, Played
from pipeline.rules import attempts
from pipeline.rules.programme import Catalogue, Window
from tests.generated.catalogues import DAY, HOUR, limits
from tests.generated.lives import repeated, repeats
from tests.generated.profile import examples
from tests.generated.replay import Replayed, replay
from tests.spec.story import BEGIN, of_video, quiz, video

KEY: dict[str, str | list[str]] = {
    "1": "A", "2": "B", "3": "C", "4": "D", "5": ["A", "B"]}
FILM = video(quiz(60, "q1"), quiz(60, "q2"))
WATCHED = Played("video", "watching", BEGIN - HOUR, 1, BEGIN, 0, 60_000, 100)
Log = list[Entry]

Tries = list[tuple[int, str, bool, int]]
"""Hours after the one before (negative: it was overtaken), quiz, whether it is right, ms beside."""
tries: st.SearchStrategy[Tries] = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 4, 6, 12, 12, 23, -1, -6, -12, -23]),
              st.sampled_from(["q1", "q1", "q2"]), st.sampled_from([False, False, False, True]),
              st.sampled_from([0, 0, 0, 1, -1])),
    min_size=3, max_size=16)


def log_of(some: Tries) -> Log:
    """Each in a session of its own, as none of them is about sessions."""
    log: Log = [WATCHED]
    at = BEGIN + DAY
    for number, (hours, quiz_id, right, off) in enumerate(some):
        at += hours * HOUR + off
        log.append(Answered("video", f"s{number}", BEGIN, 1, at, quiz_id, KEY if right else {}))
    return log


@st.composite
def programmes(draw: st.DrawFn) -> Catalogue:
    """One, or two with windows of which one begins later, and other limits."""
    one = of_video(FILM, quiz_attempts=draw(limits))
    opens_at = draw(st.sampled_from([0, BEGIN, BEGIN + DAY + 12 * HOUR]))
    other = replace(one, id="other", quiz_attempts=draw(limits),
                    quiz_rule=draw(st.sampled_from(["passed", "completed"])),
                    window=Window(opens_at, opens_at + 100 * DAY, 0))
    return Catalogue.of([one, other] if draw(st.booleans()) else [one])


@examples(1000)
@given(programmes(), tries, repeats, st.sets(st.integers(0, 20)))
def test_rules_10_14_agree_with_the_reference_on_attempts(
    catalogue: Catalogue, some: Tries, again: list[tuple[int, int]], stored_after: set[int]
) -> None:
    log = repeated(log_of(some), again)
    out, teacher = replay(catalogue, log, stored_after), Teacher()
    assert out.verdicts == [teacher.take(catalogue, entry) for entry in log]
    assert out.done == teacher.done
    event("refused" if "too_many_attempts" in out.verdicts else "never refused")
    event(f"{len(out.done)} of {len(catalogue.programmes)} done")


@examples()
@given(st.integers(1, 4), tries)
def test_rules_10_14_no_day_has_more_attempts_than_are_allowed(limit: int, some: Tries) -> None:
    """However they overtake one another; and none is refused for which there was room."""
    wrong = log_of([(hours, quiz_id, False, off) for hours, quiz_id, _, off in some])
    rules = of_video(FILM, quiz_attempts=limit)
    out = replay(Catalogue.of([rules]), wrong)
    for quiz_id in ("q1", "q2"):
        counted = moments(wrong, out, quiz_id, "accepted")
        assert not any(crowded(counted, at, limit) for at in counted)
        for at in moments(wrong, out, quiz_id, "too_many_attempts"):
            assert crowded([*counted, at], at, limit)


def moments(log: Log, out: Replayed, quiz_id: str, verdict: str) -> list[int]:
    return [e.received_at for e, v in zip(log, out.verdicts, strict=True)
            if isinstance(e, Answered) and e.quiz_id == quiz_id and v == verdict]


def crowded(some: Sequence[int], at: int, limit: int) -> bool:
    """Whether 24 hours that hold the moment hold more than the limit."""
    return any(sum(begin <= one < begin + DAY for one in some) > limit
               for begin in some if begin <= at < begin + DAY)


@examples()
@given(st.integers(1, 4), st.lists(st.integers(0, 60), max_size=8), st.integers(0, 60))
def test_rule_10_the_next_attempt_counts_from_the_moment_that_is_told(
    limit: int, hours: list[int], now: int
) -> None:
    """Hours, of which every one is tried: before the moment there is no room, at it there is."""
    known = [hour * HOUR for hour in hours]
    told = attempts.next_room(known, now * HOUR, limit)
    first = next(hour for hour in range(now, 200)
                 if not crowded([*known, hour * HOUR], hour * HOUR, limit))
    event("at once" if first == now else "later")
    assert told == first * HOUR


@examples()
@given(st.integers(1, 4), tries)
def test_rule_10_the_state_keeps_few_moments(limit: int, some: Tries) -> None:
    """Two days hold twice the limit, and what is older is forgotten whenever it is written."""
    log = log_of([(abs(hours), quiz_id, False, 0) for hours, quiz_id, _, _ in some])
    rules = of_video(FILM, quiz_attempts=limit)
    out = replay(Catalogue.of([rules]), log, range(len(log)))
    coverage = out.viewer.videos["video"].coverage["summer"]
    assert all(0 < len(kept) <= 2 * limit for kept in coverage.attempts.values())
    unlimited = replay(Catalogue.of([replace(rules, quiz_attempts=None)]), log)
    assert unlimited.viewer.videos["video"].coverage["summer"].attempts == {}
