"""The ledger entry that is written without a model is the model's, to the letter."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from pipeline.schemas.base import MAX_EPOCH_MS
from pipeline.schemas.ledger import LedgerEntry, LedgerKind, entry_json
from tests.schemas.test_completion_json import ids

seconds = st.integers(0, 1_000_000_000)
kinds: st.SearchStrategy[LedgerKind] = st.sampled_from(get_args(LedgerKind))


@given(ids, ids, st.integers(1), st.tuples(
    kinds, st.integers(0, MAX_EPOCH_MS), st.none() | ids, st.none() | ids,
    seconds, seconds, seconds))
def test_it_is_what_the_model_writes(
    teacher: str, programme: str, seq: int,
    line: tuple[LedgerKind, int, str | None, str | None, int, int, int],
) -> None:
    kind, at, course, resource, learnt, learned, credited = line
    entry = LedgerEntry(
        teacher_id=teacher, programme_id=programme, seq=seq, kind=kind, at=at, course_id=course,
        resource_id=resource, seconds=learnt, learned=learned, credited=credited)
    assert entry_json(teacher, programme, seq, line) == entry.to_json()
