"""Rule 26 for one resource: what a player draws under its seek bar, and where to go on."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from pipeline.rules.attempts import next_room, room
from pipeline.rules.completion import Coverage, tail_gaps
from pipeline.rules.credit import Account
from pipeline.rules.intervals import Spans, missing, total, union
from pipeline.rules.programme import Catalogue, Listing, Quiz
from pipeline.rules.progress import STATES, Mark, done_in, mark_of
from pipeline.rules.watching import Viewer, counts


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which resource, when (epoch ms), and of which play session; "" of none."""

    resource_id: str
    now: int
    session_id: str = ""


def resource_progress(
    catalogue: Catalogue, asked: Asked, viewer: Viewer, account: Account
) -> dict[str, Any]:
    """Where the teacher stands in a resource of the catalogue, in each programme that lists it.

    Positions are media milliseconds, stretches flat lists [from, to, from, to, …].
    `continue_at_ms`: where to play on for the programme that is furthest from done, of those that
    count what is watched now if any does; 0 where nothing is missing. `heard`: the session's
    numbers that are decided, so that its player knows when its quiz is marked.

    All that is said of a quiz is whether it is passed, and ⚙ how often it may be tried (rule 10):
    no right answers and no score, from which the key could be found without the limit's noticing.
    """
    video = viewer.videos.get(asked.resource_id)
    coverages = video.coverage if video else {}
    found = [_standing(listing, coverages.get(listing.programme.id), account, asked.now)
             for listing in catalogue.listings[asked.resource_id]]
    session = viewer.sessions.get(asked.session_id)
    return {
        "resource_id": asked.resource_id,
        "continue_at_ms": _continue_at(found),
        "heard": list(session.seqs) if session else [],
        "programmes": found,
    }


def _continue_at(found: list[dict[str, Any]]) -> int:
    counting = [one for one in found if one["counts_now"]] or found
    return min((one["continue_at_ms"] for one in counting if one["state"] != "done"), default=0)


def _standing(
    listing: Listing, coverage: Coverage | None, account: Account, now: int
) -> dict[str, Any]:
    done = done_in(listing, coverage, account)
    mark = mark_of(coverage, done)
    whole = mark is Mark.DONE
    return {
        "programme_id": listing.programme.id,
        "course_id": listing.course.id,
        "mark": str(mark),
        "state": STATES[mark],
        "done_at": done,
        "counts_now": counts(listing.programme, now, now),
        **(_whole(listing) if whole else _open(listing, coverage or Coverage(), now)),
    }


def _whole(listing: Listing) -> dict[str, Any]:
    """What is done is remembered as done, and its stretches are forgotten."""
    return {
        "covered": [0, listing.resource.duration_ms], "missing": [], "to_watch": [],
        "continue_at_ms": 0,
        "quizzes": [_asked_of(quiz, True, [], None) for quiz in listing.resource.quizzes],
    }


def _open(listing: Listing, coverage: Coverage, now: int) -> dict[str, Any]:
    resource, programme = listing.resource, listing.programme
    gaps = missing(coverage.covered, 0, resource.duration_ms)
    tails = [(quiz, quiz.id in coverage.passes, tail_gaps(coverage, resource, quiz))
             for quiz in resource.quizzes]
    lacking = [gap for _, passed, gap in tails
               if passed and total(gap) > programme.tail_tolerance_ms]
    unwatched = gaps if total(gaps) > programme.gap_tolerance_ms else []
    to_watch = union(unwatched, *lacking)
    unanswered = [quiz.at_ms for quiz, passed, _ in tails if not passed]
    return {
        "covered": coverage.covered,
        "missing": gaps,
        "to_watch": to_watch,
        "continue_at_ms": min(chain(to_watch[:1], unanswered), default=0),
        "quizzes": [_asked_of(quiz, passed, gap, _attempts(listing, coverage, quiz, now))
                    for quiz, passed, gap in tails],
    }


def _asked_of(
    quiz: Quiz, passed: bool, missing_after: Spans, attempts: dict[str, Any] | None
) -> dict[str, Any]:
    return {"quiz_id": quiz.id, "passed": passed, "missing_after": missing_after,
            "attempts": attempts}


def _attempts(
    listing: Listing, coverage: Coverage, quiz: Quiz, now: int
) -> dict[str, Any] | None:
    """⚙ How many hand-ins are looked at now, and when the next one is; None: without a limit."""
    limit = listing.programme.quiz_attempts
    if limit is None:
        return None
    looked_at = coverage.attempts.get(quiz.id, [])
    left = room(looked_at, now, limit)
    return {"limit": limit, "left": left,
            "next_at": None if left else next_room(looked_at, now, limit)}
