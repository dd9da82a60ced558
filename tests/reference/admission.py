"""Rules 16 to 19, slowly: what becomes of each entry of the log, in order of arrival.

Decided beside the rules' text (ADR 3): free time counts, not a high-water mark; an entry is
used up by its first appearance, accepted or not; what is more than a day behind the newest
is too old to tell.
"""

from collections.abc import Sequence

from pipeline.rules.programme import Catalogue, Resource
from tests.reference.log import Cells, Entry, Played, cells

DAY_MS = 24 * 3600 * 1000


def verdicts(catalogue: Catalogue, log: Sequence[Entry]) -> list[str]:
    """One verdict an entry: "accepted", "repeated", or the reason it is refused for."""
    known: set[tuple[str, int]] = set()
    spent: Cells = set()
    newest = 0
    given = []
    for entry in log:
        if entry.received_at < newest - DAY_MS:
            given.append("too_old")
        elif (entry.session_id, entry.seq) in known:
            given.append("repeated")
        else:
            known.add((entry.session_id, entry.seq))
            newest = max(newest, entry.received_at)
            given.append(_verdict(catalogue, entry, spent))
    return given


def _verdict(catalogue: Catalogue, entry: Entry, spent: Cells) -> str:
    resource = catalogue.resources.get(entry.resource_id)
    if resource is None:
        return "unknown_resource"
    if not isinstance(entry, Played):
        known = any(quiz.id == entry.quiz_id for quiz in resource.quizzes)
        return "accepted" if known else "unknown_quiz"
    if not _is_inside(catalogue, resource, entry):
        return "bad_stretch"
    return "accepted" if _spend(catalogue, resource, entry, spent) else "no_time_left"


def _is_inside(catalogue: Catalogue, resource: Resource, played: Played) -> bool:
    """Not empty, not reversed, and past the end only by what a programme forgives as a gap."""
    forgiven = max(p.programme.gap_tolerance_ms for p in catalogue.listings[resource.id])
    starts_inside = 0 <= played.start < resource.duration_ms
    return starts_inside and played.start < played.end <= resource.duration_ms + forgiven


def watched(resource: Resource, played: Played) -> Cells:
    """The cells of the video that the stretch shows."""
    return cells(played.start, played.end) & cells(0, resource.duration_ms)


def cost(catalogue: Catalogue, resource: Resource, played: Played) -> int:
    """The wall cells it takes to show them (rules 16, 17)."""
    media, rate = len(watched(resource, played)), min(played.rate, catalogue.clock.max_rate)
    if media * 100 % rate:
        raise ValueError(f"{media} cells at {rate} % are off the grid")
    return media * 100 // rate


def _spend(catalogue: Catalogue, resource: Resource, played: Played, spent: Cells) -> bool:
    """Spend the earliest free cells the entry may lie in, if there are enough (rule 16)."""
    clock = catalogue.clock
    earliest = max(played.opened_at, played.received_at - clock.offline_grace_ms)
    free = sorted(cells(earliest, played.received_at + clock.slack_ms) - spent)
    needed = cost(catalogue, resource, played)
    if len(free) < needed:
        return False
    spent.update(free[:needed])
    return True
