"""Whose play goes on is found by a hash, however many there are and whoever leaves."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.crowd import Crowd
from pipeline.rules.viewing import NOWHERE, Viewing
from tests.generated.profile import examples

# Many that belong in the same place, or just before the end of the table.
HASHES = st.sampled_from([*range(-3, 3), *range(61, 67), *(64 * n for n in range(9)), 2**62,
                          -(2**63), 2**63 - 1])


def viewing() -> Viewing:
    """One whose play goes on."""
    one = Viewing()
    one.limit = 1
    return one


@examples(300)
@given(st.lists(st.tuples(HASHES, st.booleans()), max_size=40))
def test_those_who_play_are_found_and_nobody_else(made: list[tuple[int, bool]]) -> None:
    crowd, playing = Crowd(), dict[int, Viewing]()
    for teacher, is_new in made:
        one = viewing() if is_new or teacher not in playing else playing[teacher]
        crowd.plays(teacher, 0, one)
        playing[teacher] = one
    assert all(crowd.playing(teacher) is one for teacher, one in playing.items())
    assert all(crowd.playing(other) is None for other in range(-9, 70) if other not in playing)


def test_the_table_grows_with_those_who_play_and_forgets_those_who_stopped() -> None:
    crowd, everybody = Crowd(), [viewing() for _ in range(10_000)]
    for teacher, one in enumerate(everybody):
        crowd.plays(teacher, 0, one)
        if teacher % 10:
            one.limit = NOWHERE
    assert all(crowd.playing(teacher) is everybody[teacher] for teacher in range(0, 10_000, 10))
    kept = sum(crowd.playing(teacher) is not None for teacher in range(10_000))
    assert kept < 3_000, "as many have stopped as the table may hold beside a thousand"


def test_who_is_taken_out_goes_on_no_more() -> None:
    crowd, one = Crowd(), viewing()
    crowd["t"] = one
    crowd.plays(7, 8, one)
    assert (crowd["t"], crowd.get("t"), dict(crowd.items())) == (one, one, {"t": one})
    del crowd["t"]
    assert crowd.get("t") is None
    assert one.limit == NOWHERE, "found by the hash, it takes nothing in"
