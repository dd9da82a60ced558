"""The completion that is written without a model is the model's, to the letter."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.schemas.base import ID_PATTERN, MAX_EPOCH_MS, is_id
from pipeline.schemas.completions import Completion, completion_json

ids = st.from_regex(f"{ID_PATTERN}", fullmatch=True).filter(lambda text: len(text) <= 64)
STATUS: tuple[Literal["started"], Literal["done"]] = ("started", "done")


@given(ids, ids, ids, st.sampled_from(STATUS), st.integers(0, MAX_EPOCH_MS))
def test_it_is_what_the_model_writes(
    teacher: str, programme: str, resource: str, status: Literal["started", "done"], at: int
) -> None:
    one = Completion(teacher_id=teacher, programme_id=programme, resource_id=resource,
                     status=status, at=at)
    assert completion_json(teacher, programme, resource, status, at) == one.to_json()
    assert is_id(teacher)
