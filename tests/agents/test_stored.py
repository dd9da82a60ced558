"""A bucket is a line a teacher, and JSON all the same."""

import lz4.block
import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents.stored import decode, encode, encode_bucket, state_of, states_of, teachers_of
from pipeline.schemas.base import ID_PATTERN
from tests.generated.profile import examples

IDS = st.from_regex(ID_PATTERN, fullmatch=True)
# Among them what looks like the end of a line, of an id, of the bucket, or like its beginning.
TEXTS = st.text() | st.sampled_from([",\n", '":', "\n}}", ',"teachers":{\n', '{"v":3,"at":'])
STATES = st.recursive(st.integers(-(2**53), 2**53) | TEXTS,
                      lambda inner: st.lists(inner) | st.dictionaries(IDS | TEXTS, inner))


@examples(100)
@given(st.dictionaries(IDS, st.integers(0, 2**53)),
       st.dictionaries(IDS, STATES, min_size=1))
def test_each_teacher_comes_back_alone_and_all_of_them_as_json(
    at: dict[str, int], teachers: dict[str, object]
) -> None:
    stored = encode_bucket(at, {i: orjson.dumps(state) for i, state in teachers.items()})
    states = states_of(stored, {})
    assert {i: orjson.loads(state) for i, state in states.items()} == teachers
    alone = {i: state_of(stored, i, {}) for i in teachers}
    assert alone == states
    assert state_of(stored, "another", {}) == states.get("another")
    assert decode(stored) == {"v": 3, "at": at, "teachers": teachers}
    assert encode_bucket(at, states) == stored
    assert lz4.block.decompress(stored).count(b"\n") == len(teachers) + 1


def test_what_has_no_lines_is_read_as_well() -> None:
    """As a build without lines, and `xueshi repartition`, write it."""
    stored = encode({"teachers": {"t1": [1], "t2": [2]}})
    assert states_of(stored, {}) == {"t1": b"[1]", "t2": b"[2]"}
    assert [state_of(stored, i, {}) for i in ("t1", "t3")] == [b"[1]", None]
    assert teachers_of(stored, {}) == {"t1": [1], "t2": [2]}
