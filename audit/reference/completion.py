"""Rules 1, 8, 9 and 12: what is watched, passed and done of one resource in one programme."""

from dataclasses import dataclass, field

from audit.reference.log import Answered, Entry, Played
from audit.reference.marking import passes
from audit.reference.stretches import NOTHING, Stretches, stretch
from pipeline.rules.programme import Programme, Quiz, Resource

DAY_MS = 24 * 3600 * 1000
MOST_PASSED_IN = 100
"""Sessions in which a quiz was passed; what passes it in one more is not looked at (ADR 12)."""


def counts(programme: Programme, entry: Entry) -> bool:
    """Received inside the window, or a little later in a session opened inside it (1, 12)."""
    window = programme.window
    if window.opens_at <= entry.received_at < window.closes_at:
        return True
    is_late = window.closes_at <= entry.received_at < window.closes_at + window.late_arrival_ms
    return is_late and window.opens_at <= entry.opened_at < window.closes_at


def shown(resource: Resource, played: Played) -> Stretches:
    """What of the video the entry shows; what it claims beyond the end is cut off."""
    return stretch(played.start, min(played.end, resource.duration_ms))


def is_after(one: Entry, other: Entry) -> bool:
    """By number inside a session, else by receive time (rule 8)."""
    if one.session_id == other.session_id:
        return one.seq > other.seq
    return one.received_at > other.received_at


@dataclass(slots=True)
class Card:
    """The resource in the programme, as what was accepted so far has it, in order of arrival.

    `again` and `passed` have the quiz's id as key: what was watched of the video after a pass,
    and the passes. `behind`: what was played behind a quiz, in case a pass of before that comes.
    `looked_at`: every hand-in that was looked at. `last_at` is the newest receive time of what
    had an effect.
    """

    programme: Programme
    resource: Resource
    started_at: int
    last_at: int = 0
    watched: Stretches = NOTHING
    again: dict[str, Stretches] = field(default_factory=dict)
    behind: list[Played] = field(default_factory=list)
    passed: dict[str, list[Answered]] = field(default_factory=dict)
    looked_at: list[Answered] = field(default_factory=list)
    done_at: int | None = None

    def has_too_many(self, entry: Entry) -> bool:
        """Whether some 24 hours would hold more hand-ins of the quiz than are looked at (10 ⚙).

        The fullest ones, of those that hold this one, begin with it or with an earlier one.
        """
        most = self.programme.quiz_attempts
        if most is None or isinstance(entry, Played):
            return False
        moments = [entry.received_at, *(
            one.received_at for one in self.looked_at if one.quiz_id == entry.quiz_id)]
        days = [range(begin, begin + DAY_MS) for begin in moments]
        return any(sum(moment in day for moment in moments) > most
                   for day in days if entry.received_at in day)

    def take(self, entry: Entry) -> None:
        """One more entry that counts here. What is done stays as it is (rule 12)."""
        if self.done_at is not None:
            return
        if isinstance(entry, Played):
            self._play(entry)
        else:
            self._answer(entry)
        if self._is_done():
            self.done_at = self.last_at
            self.again, self.behind, self.passed, self.looked_at = {}, [], {}, []

    def _play(self, played: Played) -> None:
        self.last_at = max(self.last_at, played.received_at)
        self.watched = self.watched.union(shown(self.resource, played))
        if any(played.end > quiz.at_ms for quiz in self.resource.quizzes):
            self.behind.append(played)
        for quiz in self.resource.quizzes:
            if any(is_after(played, one) for one in self.passed.get(quiz.id, [])):
                self._see_again(quiz, played)

    def _answer(self, handed: Answered) -> None:
        self.looked_at.append(handed)
        for quiz in self.resource.quizzes:
            if quiz.id == handed.quiz_id and passes(self.programme, quiz, handed):
                self.last_at = max(self.last_at, handed.received_at)
                passed = self.passed.setdefault(quiz.id, [])
                sessions = {one.session_id for one in passed}
                if handed.session_id not in sessions and len(sessions) >= MOST_PASSED_IN:
                    return
                passed.append(handed)
                for played in self.behind:
                    if is_after(played, handed):
                        self._see_again(quiz, played)

    def _see_again(self, quiz: Quiz, played: Played) -> None:
        """What of the stretch lies behind the quiz was watched after a pass."""
        end = min(played.end, self.resource.duration_ms)
        known = self.again.get(quiz.id, NOTHING)
        self.again[quiz.id] = known.union(stretch(max(played.start, quiz.at_ms), end))

    def _is_done(self) -> bool:
        """(a) all watched, (b) every quiz passed, (c) what is behind it watched after that (8)."""
        unwatched = stretch(0, self.resource.duration_ms).minus(self.watched)
        return unwatched.length <= self.programme.gap_tolerance_ms and all(
            quiz.id in self.passed and self._tail(quiz).length <= self.programme.tail_tolerance_ms
            for quiz in self.resource.quizzes)

    def _tail(self, quiz: Quiz) -> Stretches:
        """What lies behind the quiz and was not watched after it was passed."""
        behind = stretch(quiz.at_ms, self.resource.duration_ms)
        return behind.minus(self.again.get(quiz.id, NOTHING))
