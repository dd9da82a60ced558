"""The incremental rules of watching against the slow reference (rules 8 to 19)."""

from collections import Counter
from unittest import mock

from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference import completion as reference
from audit.reference import history
from audit.reference.completion import Card
from audit.reference.history import Teacher
from audit.reference.log import Entry
from pipeline.rules import completion, intervals
from pipeline.rules.programme import Catalogue
from tests.generated.catalogues import catalogues
from tests.generated.dense import TIME_ENOUGH, dense_catalogues, dense_logs, numbered, tails
from tests.generated.lives import Move, live, moves, picks, repeated, repeats, shuffled
from tests.generated.profile import examples
from tests.generated.replay import Replayed, replay

Log = list[Entry]


def assert_same(catalogue: Catalogue, log: Log, out: Replayed) -> None:
    """The rules and the reference agree on every entry, resource and programme."""
    teacher = Teacher()
    assert out.verdicts == [teacher.take(catalogue, entry) for entry in log]
    assert out.done == teacher.done
    watched_ms = {id_: video.watched_ms for id_, video in out.viewer.videos.items()}
    assert {id_: ms for id_, ms in watched_ms.items() if ms} == teacher.watch_ms
    for listings in catalogue.listings.values():
        for listing in listings:
            place = (listing.programme.id, listing.resource.id)
            assert_same_card(out, place, teacher.cards.get(place))


def assert_same_card(out: Replayed, place: tuple[str, str], card: Card | None) -> None:
    if card is None:
        assert out.watched(*place) is None
        return
    if card.done_at is None:
        assert out.watched(*place) == card.watched
    started = [m.at for m in out.news if (m.programme_id, m.resource_id, m.status)
               == (*place, "started")]
    assert started == [card.started_at]


@examples()
@given(catalogues(), moves(honest=False), picks, repeats, st.sets(st.integers(0, 60)))
def test_rules_8_to_19_agree_with_the_reference_on_any_log(
    catalogue: Catalogue, made: list[Move], order: list[int], again: list[tuple[int, int]],
    stored_after: set[int],
) -> None:
    log = repeated(shuffled(live(catalogue, made), order, None), again)
    out = replay(catalogue, log, stored_after)
    for verdict in Counter(out.verdicts):
        event(verdict)
    event(f"{min(len(out.done), 3)} done")
    if any(catalogue.resources[r].quizzes for _, r in out.done):
        event("done with a quiz")
    assert_same(catalogue, log, out)


@examples(500)
@given(dense_catalogues(), dense_logs, st.sets(st.integers(0, 13)))
def test_rules_8_to_19_agree_with_the_reference_in_every_corner(
    catalogue: Catalogue, log: list[Entry], stored_after: set[int]
) -> None:
    out = replay(catalogue, log, stored_after)
    event(f"{len(out.done)} done{' with a quiz' if catalogue.resources['video'].quizzes else ''}")
    assert_same(catalogue, log, out)


@examples(500)
@given(tails, st.integers(1, 3))
def test_rule_8_what_comes_after_a_pass_is_so_for_the_reference_in_any_order(
    log: list[Entry], most: int
) -> None:
    with mock.patch.object(completion, "MAX_PASSED_IN", most), (
        mock.patch.object(reference, "MOST_PASSED_IN", most)
    ):
        out = replay(TIME_ENOUGH, log)
        event(f"{len(out.done)} done")
        assert_same(TIME_ENOUGH, log, out)


@examples(500)
@given(dense_catalogues(), st.one_of(dense_logs, dense_logs.map(numbered)), st.integers(1, 3))
def test_rule_19_what_is_too_scattered_is_so_for_the_reference(
    catalogue: Catalogue, log: list[Entry], most: int
) -> None:
    """With a bound that logs as short as these reach, of numbers or of pieces of the video."""
    with mock.patch.object(intervals, "MAX_PIECES", most), (
        mock.patch.object(history, "MOST_PIECES", most)
    ):
        out = replay(catalogue, log)
        event("too scattered" if "too_scattered" in out.verdicts else "all in one")
        assert_same(catalogue, log, out)


@examples(200)
@given(catalogues(), moves(honest=False), picks, st.sets(st.integers(0, 60)), st.integers(1, 4))
def test_rule_19_a_teachers_loose_pieces_together_are_bounded_for_the_reference_too(
    catalogue: Catalogue, made: list[Move], order: list[int], stored_after: set[int], most: int
) -> None:
    """Of numbers in all sessions, and of spent time; however often the state was written."""
    log = shuffled(live(catalogue, made), order, None)
    with mock.patch.object(intervals, "MAX_LOOSE", most), (
        mock.patch.object(history, "MOST_LOOSE", most)
    ):
        out = replay(catalogue, log, stored_after)
        event("too scattered" if "too_scattered" in out.verdicts else "few pieces")
        assert_same(catalogue, log, out)


def test_rule_19_the_bounds_are_the_same() -> None:
    assert history.MOST_LOOSE == intervals.MAX_LOOSE
    assert reference.MOST_PASSED_IN == completion.MAX_PASSED_IN
    assert history.MOST_PIECES == intervals.MAX_PIECES
