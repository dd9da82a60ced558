"""Rules 8 and 9: when all of a video was watched, and its tail after the quiz was passed.

One `Coverage` holds what a teacher has watched of one resource inside one programme's
window. Events may be repeated and sessions may overtake one another (rule 14): whether a
stretch came after a quiz is judged by what the two say of themselves, never by which of
them was processed first.
"""

from dataclasses import dataclass
from typing import Final

from mypy_extensions import mypyc_attr

from pipeline.rules.attempts import DAY_MS, has_room
from pipeline.rules.intervals import Spans, add, length_missing, missing, scatters, total
from pipeline.rules.programme import Programme, Quiz, Resource

MAX_PENDING = 2_000
"""Stretches kept for a pass that is still on its way. As many as the collector packs into one
record, of which the quizzes are taken last: an offline player sends a whole evening at once."""


MAX_PASSED_IN = 100
"""Sessions whose passes of one quiz are looked at, until the video is done."""


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)  # a compiled initialiser, as those of rules/watching.py
class Moment:
    """When something was done: inside a session by number, else by receive time (rule 8)."""

    received_at: int
    session_id: str
    seq: int

    def __init__(self, received_at: int, session_id: str, seq: int) -> None:
        self.received_at = received_at
        self.session_id = session_id
        self.seq = seq

    def after(self, other: "Moment") -> bool:
        """Whether this came strictly after `other`."""
        if self.session_id == other.session_id:
            return self.seq > other.seq
        return self.received_at > other.received_at


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Stretch:
    """A stretch that was watched before a quiz in front of its end was known to be passed."""

    start: int
    end: int
    moment: Moment

    def __init__(self, start: int, end: int, moment: Moment) -> None:
        self.start = start
        self.end = end
        self.moment = moment


# Millions of coverages share these, so whoever adds to one puts a new one in its place.
NO_AFTER: Final[dict[str, Spans]] = {}
NO_PASSES: Final[dict[str, list[Moment]]] = {}
NO_PENDING: Final[list[Stretch]] = []
NO_ATTEMPTS: Final[dict[str, list[int]]] = {}


@mypyc_attr(acyclic=True)
@dataclass(slots=True, init=False)
class Coverage:
    """What is watched of one resource in one programme. Positions in media milliseconds.

    `after` and `passes` have the quiz's id as key. `pending` keeps what was watched behind
    a quiz that is not passed yet, in case an earlier pass is still on its way. `attempts`, by
    quiz too, are the receive times of the hand-ins that were lately looked at, kept only where
    the programme limits them.
    """

    covered: Spans
    after: dict[str, Spans]
    passes: dict[str, list[Moment]]
    pending: list[Stretch]
    attempts: dict[str, list[int]]
    last_at: int
    done_at: int | None

    def __init__(
        self, covered: Spans | None = None, after: dict[str, Spans] | None = None,
        passes: dict[str, list[Moment]] | None = None, pending: list[Stretch] | None = None,
        attempts: dict[str, list[int]] | None = None, last_at: int = 0,
        done_at: int | None = None,
    ) -> None:
        self.covered = [] if covered is None else covered
        self.after = after or NO_AFTER
        self.passes = passes or NO_PASSES
        self.pending = pending or NO_PENDING
        self.attempts = attempts or NO_ATTEMPTS
        self.last_at = last_at
        self.done_at = done_at


def watch(coverage: Coverage, resource: Resource, start: int, end: int, moment: Moment) -> None:
    """Take a stretch that was really played into account (rule 9)."""
    coverage.last_at = max(coverage.last_at, moment.received_at)
    add(coverage.covered, start, end)
    behind = [quiz for quiz in resource.quizzes if end > quiz.at_ms]
    passed = [q for q in behind if is_after(moment, coverage.passes.get(q.id, []))]
    for quiz in passed:
        add_after(coverage, quiz, start, end)
    if len(passed) < len(behind):
        coverage.pending = [*coverage.pending[1 - MAX_PENDING:], Stretch(start, end, moment)]


def add_after(coverage: Coverage, quiz: Quiz, start: int, end: int) -> None:
    """What of [start, end) is behind the quiz was watched after it was passed."""
    spans = coverage.after.get(quiz.id)
    if spans is None:
        spans = []
        coverage.after = {**coverage.after, quiz.id: spans}
    add(spans, max(start, quiz.at_ms), end)


def is_too_scattered(coverage: Coverage, start: int, end: int) -> bool:
    """Whether the stretch would be one loose piece too many."""
    if scatters(coverage.covered, start, end):
        return True
    for spans in coverage.after.values():  # noqa: SIM110  # any(…) of a generator is slower compiled
        if scatters(spans, start, end):
            return True
    return False


def may_look(coverage: Coverage, programme: Programme, quiz: Quiz, at: int) -> bool:
    """Whether a hand-in received `at` is within the programme's limit, if it has one (10)."""
    limit = programme.quiz_attempts
    return limit is None or has_room(coverage.attempts.get(quiz.id, ()), at, limit)


def note_attempt(coverage: Coverage, programme: Programme, quiz: Quiz, at: int) -> None:
    """A hand-in received `at` is looked at: remember it where that matters later."""
    if programme.quiz_attempts is not None:
        earlier = coverage.attempts.get(quiz.id, [])
        coverage.attempts = {**coverage.attempts, quiz.id: [*earlier, at]}


def pass_quiz(coverage: Coverage, quiz: Quiz, moment: Moment) -> None:
    """Take a passed quiz into account."""
    coverage.last_at = max(coverage.last_at, moment.received_at)
    known = coverage.passes.get(quiz.id, [])
    passes = _with_pass(known, moment)
    coverage.passes = {**coverage.passes, quiz.id: passes}
    if moment in passes:
        _release_pending(coverage, quiz, passes)


def _with_pass(passes: list[Moment], new: Moment) -> list[Moment]:
    """The passes that something can come after that comes after no other: of each session the one
    with the lowest number and the one that was received first, which is another one only where a
    client does not send in the order of its numbers. A pass of an earlier session does not make a
    later one needless: what that earlier session sends late under a low number is not after it.
    """
    others = [one for one in passes if one.session_id != new.session_id]
    own = [one for one in passes if one.session_id == new.session_id]
    if not own and len({one.session_id for one in others}) >= MAX_PASSED_IN:
        return passes
    own.append(new)
    lowest = min(own, key=lambda one: (one.seq, one.received_at))
    earliest = min(own, key=lambda one: (one.received_at, one.seq))
    return [*others, lowest] if lowest == earliest else [*others, earliest, lowest]


def _release_pending(coverage: Coverage, quiz: Quiz, passes: list[Moment]) -> None:
    for stretch in coverage.pending:
        if stretch.end > quiz.at_ms and is_after(stretch.moment, passes):
            add_after(coverage, quiz, stretch.start, stretch.end)


def is_after(moment: Moment, passes: list[Moment]) -> bool:
    """Whether it came after one of these passes (rule 8)."""
    for passed in passes:  # noqa: SIM110  # as above
        if moment.after(passed):
            return True
    return False


def forget_pending(coverage: Coverage, moment: int) -> None:
    """Drop what was received before `moment`: no earlier pass can still arrive for it."""
    if coverage.pending:
        coverage.pending = [s for s in coverage.pending if s.moment.received_at >= moment]


def forget_attempts(coverage: Coverage, moment: int) -> None:
    """Drop what no hand-in can share 24 hours with that is received from `moment` on."""
    if coverage.attempts:
        recent = {i: [at for at in moments if at > moment - DAY_MS]
                  for i, moments in coverage.attempts.items()}
        coverage.attempts = {i: moments for i, moments in recent.items() if moments}


def is_done(coverage: Coverage, programme: Programme, resource: Resource) -> bool:
    """(a) all watched, (b) every quiz passed, (c) everything behind each watched after it."""
    if unwatched(coverage, resource) > programme.gap_tolerance_ms:
        return False
    for quiz in resource.quizzes:
        if (quiz.id not in coverage.passes
                or tail_missing(coverage, resource, quiz) > programme.tail_tolerance_ms):
            return False
    return True


def unwatched(coverage: Coverage, resource: Resource) -> int:
    """Media milliseconds of the video that were not watched at all."""
    return resource.duration_ms - total(coverage.covered)


def tail_missing(coverage: Coverage, resource: Resource, quiz: Quiz) -> int:
    """Media milliseconds behind the quiz that were not watched after it was passed."""
    return length_missing(coverage.after.get(quiz.id, []), quiz.at_ms, resource.duration_ms)


def tail_gaps(coverage: Coverage, resource: Resource, quiz: Quiz) -> Spans:
    """What behind the quiz was not watched after it was passed; all, while it is not passed."""
    return missing(coverage.after.get(quiz.id, []), quiz.at_ms, resource.duration_ms)
