"""A packed record says what its JSON says, and whatever is wrong with its bytes is found."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents.decoding import batch_rows, decode_batch
from pipeline.agents.reading import read_batch
from pipeline.schemas.base import is_id
from pipeline.schemas.packed import COLUMNS, Heartbeats, packed, places, unpacked
from pipeline.schemas.telemetry import MAX_POSITION_MS, MAX_RATE, MAX_SEQ, TelemetryBatch
from tests import hostile
from tests.generated.profile import examples

ids = st.one_of(st.sampled_from(["t", "teacher8", "a" * 64]),
                st.from_regex(r"[A-Za-z0-9._:@-]{1,64}", fullmatch=True))
moments = st.integers(0, 253_402_214_400_000)
positions = st.integers(0, MAX_POSITION_MS)
rows = st.tuples(moments, ids, ids, ids, moments, st.integers(1, MAX_SEQ), positions, positions,
                 st.integers(1, MAX_RATE))
quizzes = st.lists(st.just(hostile.quiz_row()), max_size=2)


@examples(200)
@given(st.lists(rows, max_size=8), quizzes)
def test_what_is_packed_is_unpacked(made: list[Any], handed: list[dict[str, Any]]) -> None:
    raw = packed(made, orjson.dumps(handed))
    columns = zip(*made, strict=True) if made else [()] * len(COLUMNS)
    expected = {name: list(column) for name, column in zip(COLUMNS, columns, strict=True)}
    assert unpacked(raw) == {"v": 1, **expected, "quizzes": handed}
    assert TelemetryBatch.read(raw) == TelemetryBatch.read(
        orjson.dumps({"v": 1, **expected, "quizzes": handed}))


@examples(200)
@given(st.lists(rows, max_size=8), quizzes)
def test_workers_read_it_in_place(made: list[Any], handed: list[dict[str, Any]]) -> None:
    batch, refused = read_batch(packed(made, orjson.dumps(handed)))
    assert batch is not None
    assert refused == []
    assert batch.beats.rows() == made
    assert batch.events == len(made) + len(handed)


@examples(1000)
@given(st.lists(rows, min_size=1, max_size=4), st.data())
def test_rule_19_no_change_of_its_bytes_goes_unnoticed_or_ends_a_worker(
    made: Heartbeats, data: st.DataObject
) -> None:
    """The quick way and the slow one see the same rows, or the record is refused."""
    raw = bytearray(packed(made, b"[]"))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] = data.draw(st.sampled_from([0, 1, 2, 9, 65, 127, 128, 255]))
    cut = bytes(raw[:data.draw(st.integers(0, len(raw)))]) if data.draw(
        st.booleans()) else bytes(raw)
    quick, refused = read_batch(cut)
    slow, slowly_refused = decode_batch(cut)
    read = [] if quick is None else quick.beats.rows()
    good = [row for row in read if all(map(is_id, row[1:4]))]
    assert good == ([] if slow is None else list(batch_rows(slow)))
    if good == read:
        assert refused == slowly_refused


def test_it_ends_where_it_says() -> None:
    raw = packed([(1, "t", "r", "s", 1, 1, 0, 1, 100)], b"[]")
    assert places(raw).quizzes == len(raw) - 2
    for length in range(len(raw) - 2):
        with pytest.raises(ValueError, match="shorter than its"):
            places(raw[:length])
