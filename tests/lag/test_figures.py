"""What is made of observations: seconds, rate, the time until it has caught up, freshness."""

import pytest

from pipeline.lag.figures import History, Line, Place, Seen, totals
from pipeline.lag.freshness import Freshness, freshness, judged
from pipeline.lag.groups import noted_owner, owners
from pipeline.lag.states import State

PLACE = Place("worker", "telemetry", 0)


def seen(
    at: int, committed: int, end: int, oldest_at: int | None = None, owner: str = "me",
    place: Place = PLACE,
) -> Seen:
    return Seen(place, at, committed, end, oldest_at, owner)


def last(*found: Seen) -> Line:
    history = History(window_ms=10_000, patience_ms=3_000)
    for one in found:
        (line,) = history.lines([one])
    return line


def test_seconds_are_the_age_of_the_first_record_that_is_not_committed() -> None:
    assert last(seen(50_000, 3, 9, 20_000)).seconds == 30.0


def test_nothing_behind_is_0_seconds_and_needs_no_time() -> None:
    line = last(seen(50_000, 9, 9))
    assert (line.records, line.seconds, line.eta_s, line.rate) == (0, 0.0, 0.0, None)


def test_a_clock_that_is_behind_the_record_makes_no_negative_seconds() -> None:
    assert last(seen(50_000, 3, 9, 60_000)).seconds == 0.0


def test_rate_and_time_until_caught_up() -> None:
    line = last(seen(0, 0, 100, 0), seen(5_000, 50, 110, 0), seen(10_000, 100, 120, 0))
    assert line.rate == 10.0
    assert line.eta_s == pytest.approx(2.5)  # 80 less in 10 s, and 20 are left
    assert line.state is State.OK


def test_what_does_not_get_less_has_no_time() -> None:
    line = last(*(seen(at * 1000, at, 50 + 2 * at, 0) for at in range(6)))
    assert (line.rate, line.eta_s, line.state) == (1.0, None, State.WARN)


def test_who_goes_back_has_no_rate_below_0() -> None:
    assert last(seen(0, 50, 60, 0), seen(1_000, 10, 60, 0)).rate == 0.0


def test_the_window_forgets_what_is_older() -> None:
    line = last(*(seen(at * 1000, 0, 9, 0) for at in range(5)),
                *(seen(at * 1000, at - 4, 9, 0) for at in range(5, 30)))
    assert line.rate == 1.0


def test_a_group_is_as_bad_as_its_worst_partition() -> None:
    good, bad = PLACE, PLACE._replace(partition=1)
    history = History(10_000, 3_000)
    for at in range(5):
        lines = history.lines([seen(at * 1000, 9, 9, place=good),
                               seen(at * 1000, 2, 9, 0, "", bad)])
    (total,) = totals(lines)
    assert (total.records, total.seconds, total.state) == (7, 4.0, State.STOP)
    assert total.eta_s is None


def test_freshness_is_the_oldest_of_what_waits_and_the_age_of_the_publication() -> None:
    lines = [last(seen(50_000, 3, 9, 20_000)), last(seen(50_000, 9, 9)),
             last(seen(50_000, 3, 9, 45_000, place=Place("loader", "ledger", 0)))]
    fresh = freshness(lines, "worker", "loader", as_of=40_000, now=50_000)
    assert fresh == Freshness(30.0, 5.0, 10.0)
    assert (fresh.warehouse, fresh.readers) == (30.0, 40.0)


def test_what_is_not_known_is_not_guessed() -> None:
    fresh = freshness([last(seen(50_000, 9, 9))], "worker", "loader", None, 50_000)
    assert fresh == Freshness(0.0, None, None)
    assert (fresh.warehouse, fresh.readers) == (None, None)


@pytest.mark.parametrize(("oldest_at", "owner", "state"), [
    (30_000, "me", State.OK), (30_000, "", State.OK), (10_000, "me", State.STALL),
    (10_000, "", State.STOP)])
def test_the_publisher_is_late_only_after_a_while(
    oldest_at: int, owner: str, state: State
) -> None:
    line = last(*(seen(at, 3, 9, oldest_at, owner) for at in range(45_000, 51_000, 1_000)))
    assert judged(line, limit_s=30.0).state is state


def test_a_note_names_its_owner_until_it_is_stale() -> None:
    note = '{"by": "host:17", "at": 1000}'
    assert noted_owner(note, 31_000) == "host:17"
    assert noted_owner(note, 31_001) == ""
    assert noted_owner("", 0) == noted_owner(None, 0) == noted_owner("{}", 0) == ""


def test_owners_come_from_the_members_assignments() -> None:
    joining = {"client_id": "b", "client_host": "/10.0.0.2", "member_assignment": b""}
    member = {"client_id": "a", "client_host": "/10.0.0.1", "member_assignment": {
        "assigned_partitions": [{"topic": "t", "partitions": [0, 2]}]}}
    assert owners([joining, member]) == {("t", 0): "a/10.0.0.1", ("t", 2): "a/10.0.0.1"}
