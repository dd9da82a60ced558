"""Whatever was acknowledged and is not there is found."""

from collections import Counter

from chaos.invariants.arrival import lost, misplanted


def test_an_acknowledged_event_that_is_missing_is_found() -> None:
    present = {("s", 1), ("s", 2), ("r", 1)}
    assert list(lost({("s", 1), ("r", 1)}, present)) == []
    [broken] = lost({("s", 1), ("s", 3), ("s", 4)}, present)
    assert str(broken) == ("no acknowledged event missing: session s: events [3, 4] were"
                           " acknowledged and are not on telemetry")


def test_a_hostile_record_that_is_not_there_or_twice_is_found() -> None:
    expected = Counter({("telemetry", "malformed"): 2, ("roster", "tombstone"): 1})
    assert list(misplanted(expected, Counter(expected))) == []
    there = Counter({("telemetry", "malformed"): 3})
    assert [broken.where for broken in misplanted(expected, there)] == ["roster", "telemetry"]
