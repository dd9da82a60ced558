"""A viewer as compact JSON values: lists instead of named fields, as millions are written."""

from typing import Any

from pipeline.rules.completion import Coverage, Moment, Stretch
from pipeline.rules.programme import Clock
from pipeline.rules.watching import Session, Video, Viewer, forget


def dump_viewer(viewer: Viewer, clock: Clock) -> list[Any]:
    """The viewer as JSON values, without what need not be remembered any more."""
    forget(viewer, clock)
    return [
        viewer.newest_at,
        viewer.spent,
        {i: [s.last_at, s.seqs] for i, s in viewer.sessions.items()},
        {i: [v.watched_ms, {p: _dump_coverage(c) for p, c in v.coverage.items()}]
         for i, v in viewer.videos.items()},
    ]


def load_viewer(stored: list[Any]) -> Viewer:
    """The viewer that `dump_viewer` was given."""
    newest_at, spent, sessions, videos = stored
    return Viewer(
        newest_at,
        spent,
        {i: Session(last_at, seqs) for i, (last_at, seqs) in sessions.items()},
        {i: Video(watched_ms, {p: _load_coverage(c) for p, c in coverage.items()})
         for i, (watched_ms, coverage) in videos.items()},
    )


def _dump_coverage(coverage: Coverage) -> int | list[Any]:
    """The moment it was done, or all there is while it is open; attempts only where some are kept,
    so that nothing is longer, or unknown to an earlier build, where no programme limits them.
    """
    if coverage.done_at is not None:
        return coverage.done_at
    stored = [
        coverage.covered,
        coverage.after,
        {i: [[m.received_at, m.session_id, m.seq] for m in moments]
         for i, moments in coverage.passes.items()},
        [[s.start, s.end, s.moment.received_at, s.moment.session_id, s.moment.seq]
         for s in coverage.pending],
        coverage.last_at,
    ]
    return [*stored, coverage.attempts] if coverage.attempts else stored


def _load_coverage(stored: int | list[Any]) -> Coverage:
    if isinstance(stored, int):
        return Coverage(last_at=stored, done_at=stored)
    covered, after, passes, pending, last_at, *attempts = stored
    return Coverage(
        covered,
        after,
        {i: [Moment(at, session_id, seq) for at, session_id, seq in moments]
         for i, moments in passes.items()},
        [Stretch(start, end, Moment(at, session_id, seq))
         for start, end, at, session_id, seq in pending],
        attempts[0] if attempts else {},
        last_at,
    )
