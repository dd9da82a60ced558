"""Rules 8 to 12, slowly: what is watched, passed and done, anew from every prefix of the log."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.rules.programme import Programme, Quiz, Resource
from tests.reference.admission import watched
from tests.reference.log import CELL_MS, Answered, Cells, Entry, Played, cells


@dataclass(slots=True)
class Seen:
    """One resource in one programme at the end of the log."""

    started_at: int
    watched: Cells = field(default_factory=set)
    done_at: int | None = None


def seen(programme: Programme, resource: Resource, accepted: Sequence[Entry]) -> Seen | None:
    """What the accepted entries, in order of arrival, make of it; None if not started."""
    counted = [e for e in accepted if e.resource_id == resource.id and _counts(programme, e)]
    if not counted:
        return None
    stretches = [watched(resource, e) for e in counted if isinstance(e, Played)]
    return Seen(counted[0].received_at, set().union(*stretches),
                _done_at(programme, resource, counted))


def _counts(programme: Programme, entry: Entry) -> bool:
    """Received inside the window, or a little later in a session opened inside it (1, 12)."""
    window = programme.window
    if window.opens_at <= entry.received_at < window.closes_at:
        return True
    is_late = window.closes_at <= entry.received_at < window.closes_at + window.late_arrival_ms
    return is_late and window.opens_at <= entry.opened_at < window.closes_at


def _done_at(programme: Programme, resource: Resource, counted: Sequence[Entry]) -> int | None:
    """The newest receive time of what was at hand when it was done for the first time."""
    for length in range(1, len(counted) + 1):
        if _is_done(programme, resource, counted[:length]):
            return max(e.received_at for e in counted[:length] if _matters(programme, resource, e))
    return None


def _matters(programme: Programme, resource: Resource, entry: Entry) -> bool:
    """A stretch, or a passed quiz; a failed one brings nothing about."""
    return isinstance(entry, Played) or any(
        _passes(programme, quiz, entry) for quiz in resource.quizzes)


def _is_done(programme: Programme, resource: Resource, counted: Sequence[Entry]) -> bool:
    """(a) all watched, (b) every quiz passed, (c) what is behind it watched after that (8)."""
    played = [e for e in counted if isinstance(e, Played)]
    everything = cells(0, resource.duration_ms)
    unwatched = everything - set().union(*(watched(resource, e) for e in played))
    if len(unwatched) * CELL_MS > programme.gap_tolerance_ms:
        return False
    for quiz in resource.quizzes:
        passes = [e for e in counted if isinstance(e, Answered) and _passes(programme, quiz, e)]
        again = [e for e in played if any(_is_after(e, passed) for passed in passes)]
        tail = cells(quiz.at_ms, resource.duration_ms)
        unwatched = tail - set().union(*(watched(resource, e) for e in again))
        if not passes or len(unwatched) * CELL_MS > programme.tail_tolerance_ms:
            return False
    return True


def _is_after(one: Entry, other: Entry) -> bool:
    """By number inside a session, else by receive time (rule 8)."""
    if one.session_id == other.session_id:
        return one.seq > other.seq
    return one.received_at > other.received_at


def _passes(programme: Programme, quiz: Quiz, entry: Entry) -> bool:
    """Marked against the key, or ⚙ just handed in whole (rule 10)."""
    if not isinstance(entry, Answered) or entry.quiz_id != quiz.id:
        return False
    if programme.quiz_rule == "completed":
        return set(quiz.key) <= set(entry.answers)
    right = [q for q in quiz.key if _as_set(entry.answers.get(q, [])) == _as_set(quiz.key[q])]
    return len(right) >= programme.pass_mark * len(quiz.key)


def _as_set(answer: str | list[str] | tuple[str, ...]) -> set[str]:
    return {answer} if isinstance(answer, str) else set(answer)
