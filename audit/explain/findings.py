"""What a resource is worth to a teacher in each programme that lists it, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.explain import worth
from audit.explain.decisions import Decided, decisions
from audit.explain.plays import Attempt, PlaySession
from audit.explain.refusals import Refusal
from audit.explain.states import DONE, Season, State, season
from audit.explain.stretches import common, united
from audit.explain.todo import QuizStanding, Todo, quiz_standings, todo
from pipeline.rules.completion import Coverage
from pipeline.rules.credit import Account, CourseStanding, Standing, standing
from pipeline.rules.intervals import Spans, missing, total
from pipeline.rules.programme import Listing
from pipeline.rules.watching import Viewer
from pipeline.schemas.adjustments import AnyAdjustment


@dataclass(frozen=True, slots=True)
class Finding:
    """The resource in one programme. Instants epoch ms, positions media ms, credit seconds.

    states            what stands in the way, the first being what the teacher meets first; for
                      a done resource the one state it is in
    done_at           the moment it was done, here or, with `carried_from`, in that programme (5)
    worth, counted    what it is worth, and what of that is credited now (13)
    gaps              what was not watched inside the window, where it is more than is forgiven
    watched_outside   of the gaps, what was watched outside the window (12)
    refused_gaps      of the gaps, what was claimed and refused
    decisions         what people decided about the course or the programme
    course, standing  the whole course and programme
    """

    listing: Listing
    season: Season
    states: tuple[State, ...]
    done_at: int | None
    carried_from: str | None
    worth: int
    counted: int
    gaps: Spans
    watched_outside: Spans
    refused_gaps: Spans
    quizzes: tuple[QuizStanding, ...]
    todo: Todo
    decisions: tuple[Decided, ...]
    course: CourseStanding
    standing: Standing

    @property
    def is_done(self) -> bool:
        return self.states[0] in DONE

    @property
    def is_text(self) -> bool:
        return self.listing.resource.kind == "text"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the replay showed of the resource, in whatever programme."""

    viewer: Viewer
    account: Account
    sessions: tuple[PlaySession, ...]
    attempts: tuple[Attempt, ...]
    refusals: tuple[Refusal, ...]
    adjustments: tuple[AnyAdjustment, ...]

    def watched(self) -> Spans:
        """All that was accepted, inside or outside of any window."""
        return united(session.watched for session in self.sessions)


def find(listing: Listing, seen: Seen, now: int) -> Finding:
    """What the resource is worth in the listing's programme, and what is missing for it."""
    programme, resource = listing.programme, listing.resource
    video = seen.viewer.videos.get(resource.id)
    coverage = (video.coverage.get(programme.id) if video else None) or Coverage()
    moment, carried_from = worth.done(listing, seen.account)
    quizzes = quiz_standings(listing, coverage, seen.attempts, now)
    gaps = [] if moment is not None else _gaps(listing, coverage)
    now_standing = standing(programme, seen.account)
    states = (_states_open(listing, seen, gaps, quizzes) if moment is None
              else (worth.state(listing, seen.account, moment),))
    return Finding(
        listing, season(programme.window, now), states, moment, carried_from,
        resource.credit_seconds, worth.counted(listing, seen.account, moment), gaps,
        watched_outside=common(gaps, seen.watched()),
        refused_gaps=common(gaps, united(r.claimed for r in seen.refusals)),
        quizzes=quizzes,
        todo=Todo() if moment is not None else todo(programme, resource, gaps, quizzes),
        decisions=decisions(listing, seen.adjustments),
        course=worth.course_of(listing, now_standing), standing=now_standing)


def _gaps(listing: Listing, coverage: Coverage) -> Spans:
    gaps = missing(coverage.covered, 0, listing.resource.duration_ms)
    return gaps if total(gaps) > listing.programme.gap_tolerance_ms else []


def _states_open(
    listing: Listing, seen: Seen, gaps: Spans, quizzes: Sequence[QuizStanding]
) -> tuple[State, ...]:
    """What is in the way, in the order in which a helpdesk would say it."""
    programme_id = listing.programme.id
    if not seen.sessions:
        is_refused = any(refusal.is_of_player for refusal in seen.refusals)
        return (State.ALL_REFUSED if is_refused else State.NOTHING_RECEIVED,)
    if not any(session.accepted for session in seen.sessions):
        return (State.ALL_REFUSED,)
    if not any(programme_id in session.counts_in for session in seen.sessions):
        return (State.OUTSIDE_WINDOW,)
    return tuple(_obstacles(listing, gaps, quizzes))


def _obstacles(
    listing: Listing, gaps: Spans, quizzes: Sequence[QuizStanding]
) -> Iterator[State]:
    if gaps:
        yield State.GAPS
    waiting = [quiz for quiz in quizzes if not quiz.passed]
    if any(quiz.attempts for quiz in waiting):
        yield State.QUIZ_FAILED
    if any(not quiz.attempts for quiz in waiting):
        yield State.QUIZ_NOT_TAKEN
    if any(quiz.lacks_tail(listing.programme) for quiz in quizzes):
        yield State.TAIL_NOT_WATCHED
