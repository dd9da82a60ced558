"""Whose play goes on is found by a hash, however many there are and whoever leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.crowd import Crowd, hashed
from pipeline.rules.viewing import NOWHERE, Viewing
from tests.generated.profile import examples

# Many that belong in the same place, or just before the end of the table.
HASHES = st.sampled_from([*range(-3, 3), *range(61, 67), *(64 * n for n in range(9)), 2**62,
                          -(2**63), 2**63 - 1])


@examples(300)
@given(st.binary(min_size=1, max_size=64), st.data())
def test_what_differs_in_a_bit_has_another_hash(text: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(text) - 1))
    other = (int.from_bytes(text, "little") ^ 1 << bit).to_bytes(len(text), "little")
    before, behind = data.draw(st.binary(max_size=9)), data.draw(st.binary(min_size=8, max_size=9))
    found = hashed(before + text + behind, len(before), len(before) + len(text))
    assert found == hashed(text + bytes(8), 0, len(text)), "wherever it stands"
    assert found != hashed(other + bytes(8), 0, len(other))
    assert found != hashed(text + bytes(9), 0, len(text) + 1), "one byte longer"


@pytest.mark.parametrize(("text", "expected"), [
    (b"t", 2_112_239_015_637_406_285),
    (b"teacher", 4_110_070_200_932_220_725),
    (b"teacher8", 1_559_947_206_297_009_614),
    (b"teacher-9", 360_776_735_701_761_309),
    (b"0123456789abcdef0123456789abcdef", 721_367_602_251_355_432)])
def test_it_is_the_same_where_nothing_is_compiled(text: bytes, expected: int) -> None:
    assert hashed(text + b"whatever", 0, len(text)) == expected


@pytest.mark.parametrize("name", ["{}", "t{}", "{}t", "teacher-{:09}", "{:032x}", "{:0>64}"])
def test_no_two_of_many_have_the_same_hash(name: str) -> None:
    texts = (name.format(number).encode() for number in range(200_000))
    found = {hashed(text + bytes(8), 0, len(text)) for text in texts}
    assert len(found) == 200_000
    for shift in (0, 8, 40):
        places = {one >> shift & 0xFFFF for one in found}
        assert len(places) > 60_000, "nearly all places of a table are taken: 95 in 100 by chance"


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
