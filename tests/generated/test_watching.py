"""The incremental rules of watching against the slow reference (rules 8 to 19)."""

from collections import Counter

from hypothesis import event, given
from hypothesis import strategies as st

from pipeline.rules.programme import Catalogue
from tests.generated.catalogues import catalogues
from tests.generated.lives import Move, live, moves, picks, repeated, repeats, shuffled
from tests.generated.profile import examples
from tests.generated.replay import Replayed, replay
from tests.reference import admission
from tests.reference.completion import Seen, seen
from tests.reference.log import Entry

Log = list[Entry]


def accepted(catalogue: Catalogue, log: Log) -> Log:
    verdicts = admission.verdicts(catalogue, log)
    return [e for e, v in zip(log, verdicts, strict=True) if v == "accepted"]


def assert_same(catalogue: Catalogue, log: Log, out: Replayed) -> None:
    """The rules and the reference agree on every entry, resource and programme."""
    assert out.verdicts == admission.verdicts(catalogue, log)
    taken = accepted(catalogue, log)
    for listings in catalogue.listings.values():
        for listing in listings:
            place = (listing.programme.id, listing.resource.id)
            assert_same_seen(out, place, seen(listing.programme, listing.resource, taken))


def assert_same_seen(out: Replayed, place: tuple[str, str], expected: Seen | None) -> None:
    if expected is None:
        assert out.watched(*place) is None
        assert place not in out.done
        return
    assert out.done.get(place) == expected.done_at
    if expected.done_at is None:
        assert out.watched(*place) == expected.watched
    started = [m.at for m in out.news if (m.programme_id, m.resource_id, m.status)
               == (*place, "started")]
    assert started == [expected.started_at]


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
