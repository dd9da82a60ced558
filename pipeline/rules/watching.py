"""One teacher's telemetry, event by event: is it new, is there time for it, what does it complete?

Incremental, idempotent and tolerant of order (rule 14): an event is known by its session
and sequence number, time is spent once, coverage only grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from mypy_extensions import mypyc_attr

from pipeline.rules import completion, intervals, quiz, wall_clock
from pipeline.rules.completion import Coverage, Moment
from pipeline.rules.intervals import (
    Spans,
    add,
    after,
    contains,
    forget_before,
    is_loose,
    scatters,
)
from pipeline.rules.programme import Catalogue, Clock, Listing, Programme, Quiz, Resource

MEMORY_MS = 24 * 3600 * 1000
"""How far behind a teacher's newest event another one may still arrive. The collector
acknowledges within seconds; a day covers any replay short of a rebuild, which starts anew.
No play session lives longer: its token expires sooner (rule 18)."""


class Verdict(StrEnum):
    """What became of one event; all but the first two are reason codes of `rejections`."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    NO_TIME_LEFT = "no_time_left"
    TOO_OLD = "too_old"
    UNKNOWN_RESOURCE = "unknown_resource"
    UNKNOWN_QUIZ = "unknown_quiz"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    BAD_STRETCH = "bad_stretch"
    TOO_SCATTERED = "too_scattered"


# An attribute of an enumeration is looked up each time; these are not.
ACCEPTED: Final = Verdict.ACCEPTED
REPEATED: Final = Verdict.REPEATED
NO_TIME_LEFT: Final = Verdict.NO_TIME_LEFT


# Written out, the initialisers of events and states are compiled; those that `dataclass` makes are
# not. And as none refers to what refers to it, the collector of cycles need not look at any.
@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Heartbeat:
    """[start, end) of the media was played at `rate` per cent. Milliseconds throughout."""

    resource_id: str
    session_id: str
    opened_at: int
    seq: int
    received_at: int
    start: int
    end: int
    rate: int

    def __init__(
        self, resource_id: str, session_id: str, opened_at: int, seq: int, received_at: int,
        start: int, end: int, rate: int,
    ) -> None:
        self.resource_id = resource_id
        self.session_id = session_id
        self.opened_at = opened_at
        self.seq = seq
        self.received_at = received_at
        self.start = start
        self.end = end
        self.rate = rate


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class QuizAnswers:
    """Answers handed in; their marking is the server's (rule 10)."""

    resource_id: str
    session_id: str
    opened_at: int
    seq: int
    received_at: int
    quiz_id: str
    answers: Mapping[str, quiz.Answer]

    def __init__(
        self, resource_id: str, session_id: str, opened_at: int, seq: int, received_at: int,
        quiz_id: str, answers: Mapping[str, quiz.Answer],
    ) -> None:
        self.resource_id = resource_id
        self.session_id = session_id
        self.opened_at = opened_at
        self.seq = seq
        self.received_at = received_at
        self.quiz_id = quiz_id
        self.answers = answers


class Milestone(NamedTuple):
    """A resource was "started" or "done" in a programme at a receive time."""

    programme_id: str
    resource_id: str
    status: Literal["started", "done"]
    at: int


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Session:
    """A play session's sequence numbers so far, as spans, and when it was last heard."""

    last_at: int
    seqs: Spans

    def __init__(self, last_at: int = 0, seqs: Spans | None = None) -> None:
        self.last_at = last_at
        self.seqs = [] if seqs is None else seqs


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Video:
    """What one teacher did with one resource: `watched_ms` of their time, coverage by programme."""

    watched_ms: int
    coverage: dict[str, Coverage]

    def __init__(self, watched_ms: int = 0, coverage: dict[str, Coverage] | None = None) -> None:
        self.watched_ms = watched_ms
        self.coverage = {} if coverage is None else coverage


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Viewer:
    """All that is remembered of one teacher's watching."""

    newest_at: int
    spent: Spans
    sessions: dict[str, Session]
    videos: dict[str, Video]

    def __init__(
        self, newest_at: int = 0, spent: Spans | None = None,
        sessions: dict[str, Session] | None = None, videos: dict[str, Video] | None = None,
    ) -> None:
        self.newest_at = newest_at
        self.spent = [] if spent is None else spent
        self.sessions = {} if sessions is None else sessions
        self.videos = {} if videos is None else videos


def hear(
    viewer: Viewer, catalogue: Catalogue, beat: Heartbeat, news: list[Milestone]
) -> Verdict:
    """Take one heartbeat in; what it brought about is appended to `news` (rules 8, 9, 12, 16).

    What cannot be decided by these programme files leaves no trace, so that the very same event
    is taken when it is sent again after they were mended (rule 19).
    """
    listings = catalogue.listings.get(beat.resource_id)
    if listings is None:
        return Verdict.UNKNOWN_RESOURCE
    end = _end_inside(listings, beat.start, beat.end)
    if end is None:
        return Verdict.BAD_STRETCH
    verdict = _admit(viewer, beat)
    if verdict is not ACCEPTED:
        return verdict
    if _is_too_scattered(viewer, beat, end):
        return Verdict.TOO_SCATTERED
    wall_ms = wall_clock.cost(end - beat.start, beat.rate, catalogue.clock.max_rate)
    verdict = _spend(viewer, catalogue.clock, beat, wall_ms)
    if verdict is not ACCEPTED:
        return verdict
    video = _video(viewer, beat.resource_id)
    video.watched_ms += wall_ms
    moment = Moment(beat.received_at, beat.session_id, beat.seq)
    for listing in listings:
        if (coverage := _open_coverage(video, listing, beat, news)) is not None:
            completion.watch(coverage, listing.resource, beat.start, end, moment)
            _settle(coverage, listing, news)
    return ACCEPTED


def hand_in(
    viewer: Viewer, catalogue: Catalogue, handed: QuizAnswers, news: list[Milestone]
) -> Verdict:
    """Take quiz answers in; what they brought about is appended to `news` (rules 8, 10).

    Undecidable ones leave no trace, as in `hear`.

    ⚙ `quiz_attempts`: each programme that lists the resource has its own limit, and counts only
    what it looked at itself: inside its window, until the resource is done there. What is beyond
    one programme's limit counts for nothing there, and may count in another one. The answers are
    refused as `too_many_attempts` where a programme would have had to look at them and none did;
    where one did they are accepted, and `xueshi explain` says for which they came too often.
    Refused, they are no attempt, but their number is used up: whoever tries again hands in anew.
    """
    listings = catalogue.listings.get(handed.resource_id)
    if listings is None:
        return Verdict.UNKNOWN_RESOURCE
    asked = _quiz(listings[0].resource, handed.quiz_id)
    if asked is None:
        return Verdict.UNKNOWN_QUIZ
    verdict = _admit(viewer, handed)
    if verdict is not ACCEPTED:
        return verdict
    video = _video(viewer, handed.resource_id)
    wanted = looked_at = 0
    for listing in listings:
        coverage = _open_coverage(video, listing, handed, news)
        if coverage is not None:
            wanted += 1
            if completion.may_look(coverage, listing.programme, asked, handed.received_at):
                looked_at += 1
                _look_at(coverage, listing, asked, handed, news)
    return Verdict.TOO_MANY_ATTEMPTS if wanted and not looked_at else ACCEPTED


def _quiz(resource: Resource, quiz_id: str) -> Quiz | None:
    for one in resource.quizzes:
        if one.id == quiz_id:
            return one
    return None


def _video(viewer: Viewer, resource_id: str) -> Video:
    video = viewer.videos.get(resource_id)
    if video is None:
        video = viewer.videos[resource_id] = Video()
    return video


def _look_at(
    coverage: Coverage, listing: Listing, asked: Quiz, handed: QuizAnswers, news: list[Milestone]
) -> None:
    completion.note_attempt(coverage, listing.programme, asked, handed.received_at)
    if quiz.counts_as_passed(listing.programme, asked, handed.answers):
        moment = Moment(handed.received_at, handed.session_id, handed.seq)
        completion.pass_quiz(coverage, asked, moment)
        _settle(coverage, listing, news)


def _end_inside(listings: tuple[Listing, ...], start: int, end: int) -> int | None:
    """Where the stretch ends inside the video; players round, so a little beyond is cut off."""
    duration = listings[0].resource.duration_ms
    forgiven = 0
    for listing in listings:
        forgiven = max(forgiven, listing.programme.gap_tolerance_ms)
    if not 0 <= start < min(end, duration) or end > duration + forgiven:
        return None
    return min(end, duration)


def _admit(viewer: Viewer, event: Heartbeat | QuizAnswers) -> Verdict:
    """Whether the event is new (rule 18) and recent enough to tell.

    What comes here is used up by its first appearance, whatever becomes of it: sent again, a
    claim that there was no time for is a repeat, and is reported once.
    """
    if event.received_at < viewer.newest_at - MEMORY_MS:
        return Verdict.TOO_OLD
    session = viewer.sessions.get(event.session_id)
    if session is None:
        session = Session()
    if contains(session.seqs, event.seq):
        return REPEATED
    if scatters(session.seqs, event.seq, event.seq + 1) or _has_too_many(viewer, session, event):
        return Verdict.TOO_SCATTERED
    viewer.sessions[event.session_id] = session
    add(session.seqs, event.seq, event.seq + 1)
    session.last_at = max(session.last_at, event.received_at)
    viewer.newest_at = max(viewer.newest_at, event.received_at)
    return ACCEPTED


def _has_too_many(viewer: Viewer, session: Session, event: Heartbeat | QuizAnswers) -> bool:
    """Whether its number would be one loose piece too many of all sessions that are remembered:
    a script could open plays, and leave holes, until the teacher's state is too big (ADR 12).
    """
    if not is_loose(session.seqs, event.seq, event.seq + 1):
        return False
    since = viewer.newest_at - 2 * MEMORY_MS
    pieces = 0
    for one in viewer.sessions.values():
        if one.last_at >= since:
            pieces += len(one.seqs)
    return pieces >= 2 * intervals.MAX_LOOSE


def _is_too_scattered(viewer: Viewer, beat: Heartbeat, end: int) -> bool:
    video = viewer.videos.get(beat.resource_id)
    if video is not None:
        for one in video.coverage.values():
            if completion.is_too_scattered(one, beat.start, end):
                return True
    return False


def _spend(viewer: Viewer, clock: Clock, beat: Heartbeat, wall_ms: int) -> Verdict:
    earliest = max(beat.opened_at, beat.received_at - clock.offline_grace_ms)
    spent, latest = viewer.spent, beat.received_at + clock.slack_ms
    moment = wall_clock.room(spent, earliest, latest, wall_ms)
    if moment is None:
        return NO_TIME_LEFT
    if len(spent) >= 2 * intervals.MAX_LOOSE:
        # Not what may or may not be forgotten by now (see `forget`), or a crash would matter.
        recent = after(spent, viewer.newest_at - MEMORY_MS - clock.offline_grace_ms)
        if len(recent) >= 2 * intervals.MAX_LOOSE and is_loose(recent, earliest, moment):
            return Verdict.TOO_SCATTERED
    add(spent, earliest, moment)
    return ACCEPTED


def counts(programme: Programme, received_at: int, opened_at: int) -> bool:
    """Whether what was received then, in a session opened then, is inside the window (1, 12)."""
    window = programme.window
    if received_at < window.closes_at:
        return window.opens_at <= received_at
    in_time = received_at < window.closes_at + window.late_arrival_ms
    return in_time and window.opens_at <= opened_at < window.closes_at


def _open_coverage(
    video: Video, listing: Listing, event: Heartbeat | QuizAnswers, news: list[Milestone]
) -> Coverage | None:
    """The coverage that the event counts for, new where it is the first; None where it is done."""
    programme_id = listing.programme.id
    if not counts(listing.programme, event.received_at, event.opened_at):
        return None
    coverage = video.coverage.get(programme_id)
    if coverage is None:
        coverage = video.coverage[programme_id] = Coverage()
        news.append(Milestone(programme_id, listing.resource.id, "started", event.received_at))
    return coverage if coverage.done_at is None else None


def _settle(coverage: Coverage, listing: Listing, news: list[Milestone]) -> None:
    """Record that the resource is done, once; from then on only that matters (rule 12)."""
    if not completion.is_done(coverage, listing.programme, listing.resource):
        return
    coverage.done_at = coverage.last_at
    coverage.covered, coverage.after = [], completion.NO_AFTER
    coverage.passes, coverage.pending = completion.NO_PASSES, completion.NO_PENDING
    coverage.attempts = completion.NO_ATTEMPTS
    news.append(
        Milestone(listing.programme.id, listing.resource.id, "done", coverage.done_at)
    )


def forget(viewer: Viewer, clock: Clock) -> None:
    """Drop what can no longer matter, so that the state of a busy teacher stays small."""
    horizon = viewer.newest_at - MEMORY_MS
    forget_before(viewer.spent, horizon - clock.offline_grace_ms)
    # An event that is not too old has been sent after `horizon`, and its session was heard of
    # at most a session's life before that.
    viewer.sessions = {
        i: s for i, s in viewer.sessions.items() if s.last_at >= horizon - MEMORY_MS
    }
    for video in viewer.videos.values():
        for coverage in video.coverage.values():
            completion.forget_pending(coverage, horizon)
            completion.forget_attempts(coverage, horizon)
