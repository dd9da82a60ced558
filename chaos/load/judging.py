"""What must be refused of what teachers claim, by hand: rules 9, 16, 17 and 18, naively.

Of its own, so that it can say how many refusals there have to be; it shares nothing with the
workers' rules but the programmes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.rules.programme import Catalogue
from pipeline.schemas.packed import values

Spans = list[tuple[int, int]]
COLUMNS = ("teacher_id", "resource_id", "session_id", "opened_at", "seq", "received_at",
           "from", "to", "rate")


class Claim(NamedTuple):
    """A heartbeat, or quiz answers, whose `rate` is 0. Milliseconds, per cent."""

    teacher_id: str
    resource_id: str
    session_id: str
    opened_at: int
    seq: int
    received_at: int
    start: int
    end: int
    rate: int


@dataclass(slots=True)
class Judge:
    """Hears claims in the order of their arrival."""

    catalogue: Catalogue
    spent: dict[str, Spans] = field(default_factory=dict)
    heard: set[tuple[str, int]] = field(default_factory=set)

    def reason(self, claim: Claim) -> str | None:
        """The reason code for which it must be refused; None where it is fine, or a repeat.

        What is not of the video is no event at all: sent again, it is refused again.
        """
        video = self.catalogue.resources[claim.resource_id]
        end = claim.start if self._is_outside(claim) else min(claim.end, video.duration_ms)
        if claim.rate and end <= claim.start:
            return "bad_stretch"
        if (claim.session_id, claim.seq) in self.heard:
            return None
        self.heard.add((claim.session_id, claim.seq))
        return self._in_time(claim, end - claim.start, claim.rate) if claim.rate else None

    def _is_outside(self, claim: Claim) -> bool:
        video = self.catalogue.resources[claim.resource_id]
        listings = self.catalogue.listings[claim.resource_id]
        forgiven = max(listing.programme.gap_tolerance_ms for listing in listings)
        return claim.start >= video.duration_ms or claim.end > video.duration_ms + forgiven

    def _in_time(self, claim: Claim, media_ms: int, rate: int) -> str | None:
        clock = self.catalogue.clock
        price = min(rate, clock.max_rate)
        needed = (media_ms * 100 + price - 1) // price
        earliest = max(claim.opened_at, claim.received_at - clock.offline_grace_ms)
        spent = self.spent.get(claim.teacher_id, [])
        taken = list(_earliest(free(spent, earliest, claim.received_at + clock.slack_ms), needed))
        if sum(end - start for start, end in taken) < needed:
            return "no_time_left"
        self.spent[claim.teacher_id] = joined([*spent, *taken])
        return None


def free(spent: Spans, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What of [start, end) is not spent; `spent` is in order and does not overlap."""
    for left, right in spent:
        if right <= start:
            continue
        if left >= end:
            break
        if start < left:
            yield start, left
        start = right
    if start < end:
        yield start, end


def _earliest(gaps: Iterable[tuple[int, int]], needed: int) -> Iterator[tuple[int, int]]:
    for start, end in gaps:
        if needed <= 0:
            return
        yield start, min(end, start + needed)
        needed -= end - start


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same moments, in order, with stretches that touch made one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def claims(value: bytes) -> Iterator[Claim]:
    """The events of a telemetry record as it stands on the wire, quizzes last."""
    batch = values(value)
    yield from map(Claim, *(batch[name] for name in COLUMNS))
    for quiz in batch["quizzes"]:
        yield Claim._make([*(quiz[name] for name in COLUMNS[:6]), 0, 0, 0])
