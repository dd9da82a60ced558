"""Rules 14 and 16: what order, repeats and restarts may not change, and what no order can gain."""

from dataclasses import replace
from itertools import product

from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.history import cost
from audit.reference.log import Answered, Entry, Played
from audit.reference.stretches import NOTHING
from pipeline.rules.credit import Account, enrol, mark_done, standing
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewer_values import dump_viewer
from pipeline.rules.watching import Milestone, Viewer
from tests.generated.catalogues import DAY, HOUR, catalogues
from tests.generated.lives import (
    Move,
    chapters,
    live,
    moves,
    picks,
    repeated,
    repeats,
    shuffled,
)
from tests.generated.profile import examples
from tests.generated.replay import Replayed, replay, take

Log = list[Entry]


def with_two_hours_of_grace(catalogue: Catalogue) -> Catalogue:
    clock = replace(catalogue.clock, offline_grace_ms=2 * HOUR)
    return Catalogue.of(replace(p, clock=clock) for p in catalogue.programmes.values())


def with_just_enough_attempts(catalogue: Catalogue, log: Log) -> Catalogue:
    """Limits on attempts at a quiz that the log does not go beyond, and could not be lower."""
    most = max(1, *(most_within_a_day(moments) for moments in handed_in(log).values()), 0)
    return Catalogue.of(replace(p, quiz_attempts=p.quiz_attempts and most)
                        for p in catalogue.programmes.values())


def handed_in(log: Log) -> dict[tuple[str, str], list[int]]:
    """Receive times of the hand-ins by resource and quiz, repeats left out."""
    first: dict[tuple[str, int], Answered] = {}
    for entry in log:
        if isinstance(entry, Answered):
            first.setdefault((entry.session_id, entry.seq), entry)
    found: dict[tuple[str, str], list[int]] = {}
    for one in first.values():
        found.setdefault((one.resource_id, one.quiz_id), []).append(one.received_at)
    return found


def most_within_a_day(moments: list[int]) -> int:
    return max(sum(begin <= at < begin + DAY for at in moments) for begin in moments)


patient = catalogues().map(with_two_hours_of_grace)


def credit(catalogue: Catalogue, out: Replayed) -> dict[str, tuple[int, int, int]]:
    """Learned, credited, recognised by programme for who enrolled before everything."""
    account = Account()
    for programme_id in catalogue.programmes:
        enrol(account, programme_id, 0)
    for (programme_id, resource_id), at in out.done.items():
        mark_done(account, programme_id, resource_id, at)
    standings = {id_: standing(p, account) for id_, p in catalogue.programmes.items()}
    return {id_: (s.learned, s.credited, s.recognised) for id_, s in standings.items()}


def assert_nothing_changed(catalogue: Catalogue, log: Log, other: Log) -> None:
    first, second = replay(catalogue, log), replay(catalogue, other)
    everything = len({(entry.session_id, entry.seq) for entry in log})
    assert first.verdicts.count("accepted") == second.verdicts.count("accepted") == everything
    assert first.done.keys() == second.done.keys()
    assert credit(catalogue, first) == credit(catalogue, second)
    for programme_id, resource_id in product(catalogue.programmes, catalogue.resources):
        place = (programme_id, resource_id)
        assert first.watched(*place) == second.watched(*place)
    event(f"{min(len(first.done), 3)} done, {'as it was' if log == other else 'changed'}")


@examples()
@given(patient, moves(honest=True), picks, repeats)
def test_rule_14_what_arrives_late_by_up_to_the_slack_changes_nothing(
    catalogue: Catalogue, made: list[Move], order: list[int], again: list[tuple[int, int]]
) -> None:
    log = live(catalogue, made, honest=True)
    late = shuffled(log, order, catalogue.clock.slack_ms)
    assert_nothing_changed(with_just_enough_attempts(catalogue, log), log, repeated(late, again))


@examples()
@given(patient, chapters, picks, repeats)
def test_rule_14_play_sessions_one_after_the_other_may_arrive_in_any_order(
    catalogue: Catalogue, made: list[Move], order: list[int], again: list[tuple[int, int]]
) -> None:
    log = live(catalogue, made, honest=True)
    other = repeated(shuffled(log, order, DAY), again)
    assert_nothing_changed(with_just_enough_attempts(catalogue, log), log, other)


@examples()
@given(catalogues(), moves(honest=False), picks, repeats)
def test_rule_16_no_span_of_time_is_spent_twice(
    catalogue: Catalogue, made: list[Move], order: list[int], again: list[tuple[int, int]]
) -> None:
    """Whatever was accepted within real time [a, b] took no longer than b - a, slack included."""
    log = repeated(shuffled(live(catalogue, made), order, None), again)
    out = replay(catalogue, log)
    claims = [claim(catalogue, e) for e, v in zip(log, out.verdicts, strict=True)
              if v == "accepted" and isinstance(e, Played)]
    for a, b in product({a for a, _, _ in claims}, {b for _, b, _ in claims}):
        assert sum(wall for low, high, wall in claims if a <= low and high <= b) <= max(0, b - a)
    event(f"{min(len(claims), 9) // 3 * 3}+ accepted")


def claim(catalogue: Catalogue, played: Played) -> tuple[int, int, int]:
    """Between which moments the stretch may have been played, and the time that it took."""
    clock = catalogue.clock
    return (
        max(played.opened_at, played.received_at - clock.offline_grace_ms),
        played.received_at + clock.slack_ms,
        cost(catalogue, played),
    )


@examples()
@given(catalogues(), moves(honest=False), picks)
def test_rules_9_12_coverage_never_shrinks_and_done_stays_done(
    catalogue: Catalogue, made: list[Move], order: list[int]
) -> None:
    out = Replayed()
    places = list(product(catalogue.programmes, catalogue.resources))
    before = {place: out.watched(*place) or NOTHING for place in places}
    for entry in shuffled(live(catalogue, made), order, None):
        take(out.viewing, catalogue, entry, out.news)
        for place in places:
            now = out.watched(*place) or NOTHING
            assert place in out.done or before[place].minus(now) == NOTHING
            before[place] = now
    assert len(out.news) == len({identity(one) for one in out.news}), "a milestone twice"


def identity(one: Milestone) -> tuple[str, str, str]:
    return (one.programme_id, one.resource_id, one.status)


@examples()
@given(catalogues(), moves(honest=False), picks, st.sets(st.integers(0, 60)))
def test_rule_14_writing_and_reading_the_state_back_changes_nothing(
    catalogue: Catalogue, made: list[Move], order: list[int], stored_after: set[int]
) -> None:
    log = shuffled(live(catalogue, made), order, None)
    kept, restored = replay(catalogue, log), replay(catalogue, log, stored_after)
    assert (kept.verdicts, kept.news) == (restored.verdicts, restored.news)
    assert dumped(catalogue, kept.viewer) == dumped(catalogue, restored.viewer)


def dumped(catalogue: Catalogue, viewer: Viewer) -> object:
    return dump_viewer(viewer, catalogue.clock)
