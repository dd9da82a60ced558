"""What was acknowledged is there."""

from collections.abc import Iterable, Iterator, Set

from chaos.invariants.broken import Broken
from chaos.load.expected import EventKey, Refusals


def lost(acknowledged: Iterable[EventKey], present: Set[EventKey]) -> Iterator[Broken]:
    """Every event of each acknowledged post must be on `telemetry` at least once."""
    missing: dict[str, list[int]] = {}
    for session, seq in acknowledged:
        if (session, seq) not in present:
            missing.setdefault(session, []).append(seq)
    for session, seqs in sorted(missing.items()):
        yield Broken("no acknowledged event missing", f"session {session}",
                     f"events {sorted(seqs)} were acknowledged and are not on telemetry")


def misplanted(expected: Refusals, found: Refusals) -> Iterator[Broken]:
    """The hostile records that the loads have sent must be there, each of them once."""
    for topic, reason in sorted({*expected, *found}):
        if expected[topic, reason] != found[topic, reason]:
            yield Broken("load as ordered", topic,
                         f"{found[topic, reason]} events to be refused as {reason} are there,"
                         f" not {expected[topic, reason]}: the load itself is not exact")
