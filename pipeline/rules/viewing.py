"""A viewer who plays on: the heartbeat that most heartbeats are, taken in without a search.

A stretch that begins where the last one of the same play ended, under the next number, only makes
three stretches longer: the numbers heard, the time spent, and what is covered. As long as nothing
can come of it but that, it is added to a *run* beside the viewer, and the viewer takes the run in
when somebody looks (`Viewing.folded`). Everything else goes to `watching.hear`, which alone has
the rules; tests compare the two on generated logs.
"""

from typing import Final, final

from mypy_extensions import i64, mypyc_attr

from pipeline.rules import completion, wall_clock
from pipeline.rules.completion import Coverage, Moment
from pipeline.rules.intervals import MAX_LOOSE, add
from pipeline.rules.programme import Catalogue, Clock, Listing, Quiz, Window
from pipeline.rules.watching import (
    ACCEPTED,
    MEMORY_MS,
    REPEATED,
    Heartbeat,
    Milestone,
    QuizAnswers,
    Verdict,
    Viewer,
    counts,
    hand_in,
    hear,
)

NOWHERE: Final = -1
FOR_EVER: Final = 2**61


@final
@mypyc_attr(acyclic=True)
class Watched:
    """An open coverage that the run adds to, and the quizzes it was passed before the run."""

    def __init__(self, coverage: Coverage, passed: list[Quiz]) -> None:
        self.coverage = coverage
        self.passed = passed

    def add(self, start: int, end: int, at: int) -> None:
        """Take [start, end) in, of which the last was received `at`."""
        coverage = self.coverage
        coverage.last_at = max(coverage.last_at, at)
        add(coverage.covered, start, end)
        for quiz in self.passed:
            if end > quiz.at_ms:
                completion.add_after(coverage, quiz, start, end)


@final
@mypyc_attr(acyclic=True)
class Viewing:
    """A viewer in memory, with the run of the play that goes on.

    `seq` is the number, and `front` the place in the media (ms), with which the run goes on; those
    with `_from` are where it began. Up to `limit` in the media, and before `until` by receive time,
    nothing can come of it but its length; a `limit` of NOWHERE means that no play goes on. `spent`
    is the end of the last stretch of spent time, which began at `spent_since`.
    `changed` is for whoever writes the state, who sets it back. `teacher` and `session` are hashes
    of ids, which whoever found the viewing sets (crowd.py).
    """

    def __init__(self, viewer: Viewer | None = None) -> None:
        # In the order in which `goes_on` asks: together they are two lines of the cache.
        self.teacher: i64 = 0
        self.limit: i64 = NOWHERE
        self.seq: i64 = 0
        self.front: i64 = 0
        self.opened_at: i64 = 0
        self.newest_at: i64 = 0
        self.until: i64 = 0
        self.session: i64 = 0
        self.resource_id: str = ""
        self.spent: i64 = 0
        self.spent_since: i64 = 0
        self.changed: bool = False
        self.teacher_id: str = ""
        self.session_id: str = ""
        self.viewer: Viewer = Viewer() if viewer is None else viewer
        self.seq_from: i64 = 0
        self.front_from: i64 = 0
        self.spent_from: i64 = 0
        self.watched: list[Watched] = []

    def goes_on(
        self, clock: Clock, resource_id: str, session: i64, opened_at: i64, seq: i64, at: i64,
        start: i64, end: i64, rate: i64,
    ) -> bool:
        """Take a heartbeat in that only makes the run longer; if not, change nothing.

        `resource_id` must be the catalogue's own text, as it is compared by where it stands.
        """
        if (end > self.limit or seq != self.seq or start != self.front or start >= end
                or session != self.session or opened_at != self.opened_at
                or resource_id is not self.resource_id or not self.newest_at <= at < self.until):
            return False
        earliest = max(opened_at, at - clock.offline_grace_ms)
        spent = self.spent + wall_clock.cost(end - start, rate, clock.max_rate)
        if not self.spent_since <= earliest <= self.spent or spent > at + clock.slack_ms:
            return False
        self.seq = seq + 1
        self.front = end
        self.spent = spent
        self.newest_at = at
        return True

    def has_heard(
        self, resource_id: str, session: i64, seq: i64, at: i64, start: i64, end: i64
    ) -> bool:
        """Whether a heartbeat is plainly one of the run sent again, as players do when an answer is
        lost: it changes nothing. `resource_id` as in `goes_on`.
        """
        return (self.limit != NOWHERE and self.seq_from <= seq < self.seq
                and session == self.session and resource_id is self.resource_id
                and 0 <= start < end <= self.front and at >= self.newest_at - MEMORY_MS)

    def hear(self, catalogue: Catalogue, beat: Heartbeat, news: list[Milestone]) -> Verdict:
        """As `watching.hear`; a play that goes on from here makes a new run."""
        viewer = self.folded()
        verdict = hear(viewer, catalogue, beat, news)
        if verdict is not REPEATED:  # which alone leaves everything as it was
            self.limit = NOWHERE
            if verdict is ACCEPTED:
                self._begin(catalogue.listings[beat.resource_id], beat)
        return verdict

    def hand_in(
        self, catalogue: Catalogue, handed: QuizAnswers, news: list[Milestone]
    ) -> Verdict:
        """As `watching.hand_in`."""
        viewer = self.folded()
        self.limit = NOWHERE
        return hand_in(viewer, catalogue, handed, news)

    def folded(self) -> Viewer:
        """The viewer, with the run taken in. The run may go on."""
        viewer = self.viewer
        if self.limit == NOWHERE or self.seq == self.seq_from:
            return viewer
        session = viewer.sessions[self.session_id]
        add(session.seqs, self.seq_from, self.seq)
        session.last_at = max(session.last_at, self.newest_at)
        viewer.newest_at = self.newest_at
        viewer.spent[-1] = self.spent
        viewer.videos[self.resource_id].watched_ms += self.spent - self.spent_from
        for one in self.watched:
            one.add(self.front_from, self.front, self.newest_at)
        self._from_here()
        return viewer

    def _from_here(self) -> None:
        self.seq_from = self.seq
        self.front_from = self.front
        self.spent_from = self.spent

    def _begin(self, listings: tuple[Listing, ...], beat: Heartbeat) -> None:
        """A run behind a heartbeat that was just accepted, if all its ends are the newest."""
        viewer = self.viewer
        seqs, spent = viewer.sessions[beat.session_id].seqs, viewer.spent
        front = min(beat.end, listings[0].resource.duration_ms)
        if (seqs[-1] != beat.seq + 1 or viewer.newest_at != beat.received_at
                or len(spent) >= 2 * MAX_LOOSE):
            return
        # The catalogue's own text: everybody's viewing has the same one at hand.
        self.session_id, self.resource_id = beat.session_id, listings[0].resource.id
        self.opened_at, self.newest_at = beat.opened_at, beat.received_at
        self.seq, self.front, self.spent = beat.seq + 1, front, spent[-1]
        self.spent_since = spent[-2]
        self._from_here()
        self._bound(listings, beat, front)

    def _bound(self, listings: tuple[Listing, ...], beat: Heartbeat, front: int) -> None:
        """How far the run may go, and what it adds to."""
        self.watched = []
        self.until = FOR_EVER
        limit = listings[0].resource.duration_ms
        moment = Moment(beat.received_at, beat.session_id, beat.seq)
        coverage = self.viewer.videos[beat.resource_id].coverage
        for listing in listings:
            self.until = min(self.until, next_bound(listing.programme.window, beat.received_at))
            one = coverage.get(listing.programme.id)
            if one is None or one.done_at is not None or not counts(
                    listing.programme, beat.received_at, beat.opened_at):
                continue
            passed, open_at = _sorted_out(one, listing, moment)
            limit = min(limit, open_at, front + _room(one, listing))
            self.watched.append(Watched(one, passed))
        self.limit = limit


def _sorted_out(
    coverage: Coverage, listing: Listing, moment: Moment
) -> tuple[list[Quiz], int]:
    """The quizzes that were passed before `moment`, and where the first of the others stands."""
    passed: list[Quiz] = []
    open_at = FOR_EVER
    for quiz in listing.resource.quizzes:
        if completion.is_after(moment, coverage.passes.get(quiz.id, [])):
            passed.append(quiz)
        else:
            open_at = min(open_at, quiz.at_ms)
    return passed, open_at


def _room(coverage: Coverage, listing: Listing) -> int:
    """How many milliseconds more may be watched in one piece before the video can be done: as long
    as one thing is missing to it, it is not.
    """
    programme, resource = listing.programme, listing.resource
    room = completion.unwatched(coverage, resource) - programme.gap_tolerance_ms
    for quiz in resource.quizzes:
        if quiz.id not in coverage.passes:
            return FOR_EVER
        tail = completion.tail_missing(coverage, resource, quiz) - programme.tail_tolerance_ms
        room = max(room, tail)
    return room - 1


def next_bound(window: Window, at: int) -> int:
    """The first moment after `at` from which other events may count for the window (rule 1)."""
    if at < window.opens_at:
        return window.opens_at
    if at < window.closes_at:
        return window.closes_at
    late = window.closes_at + window.late_arrival_ms
    return late if at < late else FOR_EVER
