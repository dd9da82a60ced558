"""Rule 19: from raw bytes to rows; beside a bad row no good one is lost, and nothing raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from chaos.hostile import KafkaValue
from pipeline.agents.decoding import batch_rows, decode, decode_batch
from pipeline.agents.rejecting import Place, Refused, rejected
from pipeline.schemas.completions import Completion
from pipeline.schemas.rejections import Reason, Rejection, joined
from tests import hostile
from tests.generated.profile import examples
from tests.hostile import KAFKA_VALUES


def value(rows: int = 1, **columns: Any) -> bytes:
    return json.dumps(hostile.batch(rows, **columns)).encode()


def with_number(literal: bytes) -> bytes:
    """Two rows; the second row's `to` is the literal."""
    return value(2).replace(b'"to": [15000, 15000]', b'"to": [15000, ' + literal + b"]")


@pytest.mark.parametrize("case", KAFKA_VALUES, ids=lambda case: case.name)
def test_rule_19_hostile_values_are_refused_and_good_rows_beside_them_kept(
    case: KafkaValue
) -> None:
    batch, refused = decode_batch(case.value)
    if case.well_formed:
        assert batch is not None
        assert refused == []
        return
    assert [one.reason for one in refused] == [case.reason]
    kept = 0 if batch is None else len(batch.seq) + len(batch.quizzes)
    assert kept == case.good
    assert refused[0].raw != b"[]" or case.value == b"[]", "what is refused is kept"


@pytest.mark.parametrize("literal", [
    b"NaN", b"-Infinity", b"1e400", b"9" * 400, b"15000.5", b"1.0", b"true", b"null", b'"15000"',
    b"[" * 100 + b"]" * 100, b'"\\u0000"',
])
def test_rule_19_a_bad_number_costs_its_own_row_only(literal: bytes) -> None:
    batch, refused = decode_batch(with_number(literal))
    assert batch is not None
    assert list(batch_rows(batch)) == [
        (20_000 + hostile.OPENED_AT, "teacher-1", "video-1", "session-1", hostile.OPENED_AT,
         1, 0, 15_000, 100)]
    assert [(one.reason, one.count) for one in refused] == [(Reason.MALFORMED, 1)]
    (row,) = from_json(refused[0].raw, allow_inf_nan=True)
    assert row["seq"] == 2
    assert refused[0].detail.startswith("to.1: ")


@pytest.mark.parametrize("depth", [150, 199, 200, 201, 252, 253, 255, 1000, 1021, 1024])
def test_rule_19_no_depth_of_nesting_ends_the_worker(depth: int) -> None:
    """A row that can be read but not be written again would stop a partition for ever."""
    raw = with_number(b"[" * depth + b"]" * depth)
    batch, refused = decode_batch(raw)
    assert [one.reason for one in refused] == [Reason.MALFORMED]
    assert (batch is None) == (refused[0].raw == raw)


@pytest.mark.parametrize(("raw", "reason"), [
    (None, Reason.TOMBSTONE),
    (b"\xff", Reason.MALFORMED),
    (b'{"v":2}', Reason.UNKNOWN_VERSION),
    (b'{"v":true}', Reason.MALFORMED),
    (b"{}", Reason.MALFORMED),
])
def test_rule_19_a_record_of_one_model(raw: bytes | None, reason: Reason) -> None:
    refused = decode(Completion, raw)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.raw) == (reason, raw or b"")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@examples()
@given(st.dictionaries(
    st.sampled_from([*hostile.batch(), "more"]), anything | st.lists(anything, max_size=3),
    max_size=4), st.integers(0, 3))
def test_rule_19_whatever_stands_in_the_columns_is_rejected_in_writing(
    columns: dict[str, Any], rows: int
) -> None:
    raw = json.dumps(hostile.batch(rows, **columns)).encode()
    batch, refused = decode_batch(raw)
    assert batch is not None or refused
    for one in refused:
        sent = rejected("rejections", Place("telemetry", 0, 7), 1, one)
        back = joined([Rejection.model_validate_json(part.value) for part in sent])
        assert (back.reason, back.raw) == (one.reason, one.raw)
