"""The quick way of reading a record finds what the slow one finds, or leaves it to it."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.hostile import KafkaValue
from pipeline.agents.decoding import batch_rows, decode_batch
from pipeline.agents.reading import Batch, read_batch
from pipeline.schemas.base import is_id
from pipeline.schemas.packed import COLUMNS
from tests import hostile

oddities = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=70), st.integers(-2, 2**70),
    st.lists(st.integers(), max_size=2), st.sampled_from(["t1\n", "", "教师", "1"]))


def rows(batch: Batch | None) -> list[list[object]]:
    return [] if batch is None else [list(row) for row in batch.beats.rows()]


def good(row: list[object]) -> bool:
    """Ids are looked at later (rules/columns.py)."""
    return all(is_id(str(row[place])) for place in (1, 2, 3))


@pytest.mark.parametrize("case", hostile.KAFKA_VALUES, ids=lambda case: case.name)
def test_rule_19_hostile_records_are_read_as_the_slow_way_reads_them(case: KafkaValue) -> None:
    assert_same(case.value)


@given(st.sampled_from([*COLUMNS, "v", "quizzes", "more"]), oddities, st.booleans())
def test_rule_19_one_odd_value_is_found_by_both(name: str, odd: object, inside: bool) -> None:
    body = hostile.batch(3)
    value = body.get(name)
    if inside and isinstance(value, list) and value:
        value[1] = odd
    else:
        body[name] = odd
    try:
        raw = orjson.dumps(body)
    except TypeError:  # an integer beyond what JSON's writer takes
        return
    assert_same(raw)


def assert_same(raw: bytes | None) -> None:
    quick, refused = read_batch(raw)
    slow, slowly_refused = decode_batch(raw)
    assert [row for row in rows(quick) if good(row)] == (
        [] if slow is None else [list(row) for row in batch_rows(slow)])
    assert (quick.quizzes if quick else []) == (slow.quizzes if slow else [])
    if all(map(good, rows(quick))):
        assert refused == slowly_refused
