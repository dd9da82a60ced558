"""Rule 26 for one resource: what a player draws under its seek bar, and where to go on."""

from itertools import chain
from typing import Any

from pipeline.rules.completion import Coverage, tail_gaps
from pipeline.rules.credit import Account
from pipeline.rules.intervals import Spans, missing, total
from pipeline.rules.programme import Catalogue, Listing
from pipeline.rules.progress import STATES, Mark, done_in, mark_of
from pipeline.rules.watching import Viewer


def resource_progress(
    catalogue: Catalogue, resource_id: str, viewer: Viewer, account: Account
) -> dict[str, Any]:
    """Where the teacher stands in a resource of the catalogue, in each programme that lists it.

    Positions are media milliseconds, stretches flat lists [from, to, from, to, …].
    `continue_at_ms`: where to play on for the programme that is furthest from done; 0 where
    nothing is missing.
    """
    video = viewer.videos.get(resource_id)
    coverages = video.coverage if video else {}
    found = [_standing(listing, coverages.get(listing.programme.id), account)
             for listing in catalogue.listings[resource_id]]
    return {
        "resource_id": resource_id,
        "continue_at_ms": min((one["continue_at_ms"] for one in found if one["state"] != "done"),
                              default=0),
        "programmes": found,
    }


def _standing(listing: Listing, coverage: Coverage | None, account: Account) -> dict[str, Any]:
    done = done_in(listing, coverage, account)
    mark = mark_of(coverage, done)
    return {
        "programme_id": listing.programme.id,
        "course_id": listing.course.id,
        "mark": str(mark),
        "state": STATES[mark],
        "done_at": done,
        **(_whole(listing) if mark is Mark.DONE else _open(listing, coverage or Coverage())),
    }


def _whole(listing: Listing) -> dict[str, Any]:
    """What is done is remembered as done, and its stretches are forgotten."""
    return {
        "covered": [0, listing.resource.duration_ms], "missing": [], "continue_at_ms": 0,
        "quizzes": [{"quiz_id": quiz.id, "passed": True, "missing_after": []}
                    for quiz in listing.resource.quizzes],
    }


def _open(listing: Listing, coverage: Coverage) -> dict[str, Any]:
    resource, programme = listing.resource, listing.programme
    gaps = missing(coverage.covered, 0, resource.duration_ms)
    tails = {quiz.id: tail_gaps(coverage, resource, quiz) for quiz in resource.quizzes}
    passed = {quiz.id: quiz.id in coverage.passes for quiz in resource.quizzes}
    asked = [quiz.at_ms for quiz in resource.quizzes if not passed[quiz.id]]
    lacking = [gap for id_, gap in tails.items()
               if passed[id_] and total(gap) > programme.tail_tolerance_ms]
    unwatched = gaps if total(gaps) > programme.gap_tolerance_ms else []
    return {
        "covered": coverage.covered,
        "missing": gaps,
        "continue_at_ms": _first(unwatched, asked, lacking),
        "quizzes": [{"quiz_id": id_, "passed": passed[id_], "missing_after": gap}
                    for id_, gap in tails.items()],
    }


def _first(unwatched: Spans, asked: list[int], lacking: list[Spans]) -> int:
    """The earliest place at which something is still to be done."""
    return min(chain(unwatched[:1], asked, (gap[0] for gap in lacking)), default=0)
