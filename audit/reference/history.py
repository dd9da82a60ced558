"""Rules 14 to 19: what becomes of each entry of one teacher's log, in the order of arrival.

Decided beside the rules' text (ADR 3, ADR 12): free time counts, not a high-water mark; what
cannot be decided leaves no trace; anything else is used up by its first appearance, accepted
or not.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from audit.reference.completion import Card, counts, shown
from audit.reference.log import Entry, Played
from audit.reference.stretches import NOTHING, Stretches, stretch, would_scatter
from pipeline.rules.programme import Catalogue, Listing

DAY_MS = 24 * 3600 * 1000
MOST_PIECES = 400
"""Loose pieces of one video, or of a session's numbers; one more is refused (ADR 12)."""
MOST_LOOSE = 5_000
"""Loose pieces of the numbers of all sessions heard within two days, and of the spent time that
something may still claim; the same (ADR 12)."""


def undecidable(catalogue: Catalogue, entry: Entry) -> str | None:
    """Why these programme files have no place for the entry; None if they have one."""
    resource = catalogue.resources.get(entry.resource_id)
    if resource is None:
        return "unknown_resource"
    if not isinstance(entry, Played):
        is_known = any(quiz.id == entry.quiz_id for quiz in resource.quizzes)
        return None if is_known else "unknown_quiz"
    forgiven = max(p.programme.gap_tolerance_ms for p in catalogue.listings[resource.id])
    starts_inside = 0 <= entry.start < resource.duration_ms
    ends_inside = entry.start < entry.end <= resource.duration_ms + forgiven
    return None if starts_inside and ends_inside else "bad_stretch"


def cost(catalogue: Catalogue, played: Played) -> int:
    """Wall milliseconds that showing the stretch takes, a part of one paid whole (16, 17)."""
    media_ms = shown(catalogue.resources[played.resource_id], played).length
    rate = min(played.rate, catalogue.clock.max_rate)
    return ceil(Fraction(media_ms * 100, rate))


@dataclass(slots=True)
class Teacher:
    """One teacher as far as the log was read. Moments and times in milliseconds.

    `spent` is the wall clock's time that is spent, `numbers` are the used sequence numbers by
    session, `heard_at` when each was last heard, `watch_ms` the watch time by resource, `cards`
    are by (programme, resource).
    """

    newest_at: int = 0
    spent: Stretches = NOTHING
    numbers: dict[str, Stretches] = field(default_factory=dict)
    heard_at: dict[str, int] = field(default_factory=dict)
    watch_ms: dict[str, int] = field(default_factory=dict)
    cards: dict[tuple[str, str], Card] = field(default_factory=dict)

    @property
    def done(self) -> dict[tuple[str, str], int]:
        """When what is done was done, by (programme, resource)."""
        return {place: card.done_at for place, card in self.cards.items()
                if card.done_at is not None}

    def take(self, catalogue: Catalogue, entry: Entry) -> str:
        """The next entry of the log; "accepted", "repeated", or the reason of its refusal."""
        if reason := undecidable(catalogue, entry) or self._why_not_new(entry):
            return reason
        self._use_up(entry)
        if isinstance(entry, Played) and (reason := self._claim(catalogue, entry)):
            return reason
        cards = [self._card(listing, entry) for listing in catalogue.listings[entry.resource_id]
                 if counts(listing.programme, entry)]
        concerned = [card for card in cards if card.done_at is None]
        taking = [card for card in concerned if not card.has_too_many(entry)]
        for card in taking:
            card.take(entry)
        return "accepted" if taking or not concerned else "too_many_attempts"

    def _why_not_new(self, entry: Entry) -> str | None:
        """More than a day behind the newest cannot be told from a repeat (18, 19)."""
        if entry.received_at < self.newest_at - DAY_MS:
            return "too_old"
        used, number = self._numbers(entry)
        if used.union(number) == used:
            return "repeated"
        scatters = would_scatter(used, number, MOST_PIECES) or (
            would_scatter(used, number, 0) and self._pieces_of_numbers() >= MOST_LOOSE)
        return "too_scattered" if scatters else None

    def _pieces_of_numbers(self) -> int:
        return sum(len(used.pieces) for session, used in self.numbers.items()
                   if self.heard_at[session] >= self.newest_at - 2 * DAY_MS)

    def _numbers(self, entry: Entry) -> tuple[Stretches, Stretches]:
        """The numbers its session has used, and its own."""
        return self.numbers.get(entry.session_id, NOTHING), stretch(entry.seq, entry.seq + 1)

    def _use_up(self, entry: Entry) -> None:
        used, number = self._numbers(entry)
        self.numbers[entry.session_id] = used.union(number)
        self.heard_at[entry.session_id] = max(
            entry.received_at, self.heard_at.get(entry.session_id, 0))
        self.newest_at = max(self.newest_at, entry.received_at)

    def _claim(self, catalogue: Catalogue, played: Played) -> str | None:
        """Spend the earliest free time in which it may have been played, if it is enough (16)."""
        if self._is_too_scattered(catalogue, played):
            return "too_scattered"
        clock = catalogue.clock
        earliest = max(played.opened_at, played.received_at - clock.offline_grace_ms)
        free = stretch(earliest, played.received_at + clock.slack_ms).minus(self.spent)
        needed = cost(catalogue, played)
        if free.length < needed:
            return "no_time_left"
        since = self.newest_at - DAY_MS - clock.offline_grace_ms
        claimable = Stretches(tuple(piece for piece in self.spent.pieces if piece[1] > since))
        if would_scatter(claimable, free.first(needed), MOST_LOOSE):
            return "too_scattered"
        self.spent = self.spent.union(free.first(needed))
        self.watch_ms[played.resource_id] = self.watch_ms.get(played.resource_id, 0) + needed
        return None

    def _is_too_scattered(self, catalogue: Catalogue, played: Played) -> bool:
        """Whether it is one loose piece too many, in any programme where it is not done, of what
        is watched of the video or of what is watched after one of its quizzes.
        """
        one = shown(catalogue.resources[played.resource_id], played)
        cards = [self.cards.get((programme_id, played.resource_id))
                 for programme_id in catalogue.programmes]
        return any(would_scatter(known, one, MOST_PIECES)
                   for card in cards if card is not None and card.done_at is None
                   for known in (card.watched, *card.again.values()))

    def _card(self, listing: Listing, entry: Entry) -> Card:
        """The card of the resource in the programme, begun where there is none."""
        place = (listing.programme.id, listing.resource.id)
        return self.cards.setdefault(
            place, Card(listing.programme, listing.resource, entry.received_at))
