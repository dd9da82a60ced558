"""What is still to be done for one resource in one programme, in the order of doing it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.explain.plays import Attempt
from audit.explain.stretches import before, united
from audit.explain.trying import Limited, limited
from pipeline.rules.completion import Coverage
from pipeline.rules.intervals import Spans, missing, total
from pipeline.rules.programme import Listing, Programme, Quiz, Resource


class QuizStanding(NamedTuple):
    """How a quiz stands in one programme. Positions in media ms.

    attempts      those that the programme looked at
    outside       those outside of it, which count for nothing (rule 12)
    required      right answers that pass it; 0 where handing in is enough (rule 10)
    last          the last attempt that the programme looked at, if any
    tail_missing  what behind it was not watched after it was passed; all, while it is not passed
    limited       how many attempts are left now, where that is limited and it is not passed
    """

    quiz_id: str
    at_ms: int
    questions: int
    required: int
    passed: bool
    attempts: int
    outside: int
    last: Attempt | None
    tail_missing: tuple[int, ...]
    limited: Limited | None = None

    def lacks_tail(self, programme: Programme) -> bool:
        """Whether it is passed, and more behind it is to be watched than is forgiven (8 c)."""
        return self.passed and total(list(self.tail_missing)) > programme.tail_tolerance_ms


@dataclass(frozen=True, slots=True)
class Todo:
    """First watch `watch`, then pass `quizzes` in their order, watching from `then_from` on.

    `then_from` None: nothing has to be watched after the quizzes. All empty: nothing to do.
    """

    watch: Spans = field(default_factory=list)
    quizzes: tuple[QuizStanding, ...] = ()
    then_from: int | None = None


def quiz_standings(
    listing: Listing, coverage: Coverage, attempts: Sequence[Attempt], now: int
) -> tuple[QuizStanding, ...]:
    """Every quiz of the resource, in the order of their places, as of `now` (epoch ms)."""
    places = sorted(listing.resource.quizzes, key=lambda quiz: quiz.at_ms)
    return tuple(
        _standing(listing, coverage, quiz, [a for a in attempts if a.quiz_id == quiz.id], now)
        for quiz in places)


def _standing(
    listing: Listing, coverage: Coverage, quiz: Quiz, attempts: Sequence[Attempt], now: int
) -> QuizStanding:
    outside = [a for a in attempts if listing.programme.id not in a.inside]
    looked_at = [a for a in attempts if a.looked_at_in(listing.programme.id)]
    passed = coverage.done_at is not None or quiz.id in coverage.passes
    done = coverage.done_at is not None
    after = coverage.after.get(quiz.id, [])
    tail = [] if done else missing(after, quiz.at_ms, listing.resource.duration_ms)
    return QuizStanding(
        quiz.id, quiz.at_ms, len(quiz.key), required_right(listing.programme, quiz), passed,
        len(looked_at), len(outside), looked_at[-1] if looked_at else None, tuple(tail),
        None if passed else limited(coverage, listing.programme, quiz, now))


def required_right(programme: Programme, quiz: Quiz) -> int:
    """The fewest right answers that pass; 0 where the programme wants it handed in only."""
    if programme.quiz_rule == "completed":
        return 0
    count = len(quiz.key)
    return next(right for right in range(count + 1) if right / count >= programme.pass_mark)


def todo(
    programme: Programme, resource: Resource, gaps: Spans, quizzes: Sequence[QuizStanding]
) -> Todo:
    """What is left, from the gaps that matter and the quizzes.

    Whatever lies behind a quiz that is not passed has to be watched after it, so it is not
    asked for before.
    """
    open_quizzes = tuple(quiz for quiz in quizzes if not quiz.passed)
    limit = open_quizzes[0].at_ms if open_quizzes else resource.duration_ms
    tails = [quiz.tail_missing for quiz in quizzes if quiz.lacks_tail(programme)]
    has_tail = limit < resource.duration_ms - programme.tail_tolerance_ms
    return Todo(before(united([gaps, *tails]), limit), open_quizzes, limit if has_tail else None)
