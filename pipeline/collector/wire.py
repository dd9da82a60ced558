"""Rows as a telemetry record."""

from collections.abc import Sequence
from typing import Any

import orjson

from pipeline.schemas.packed import packed

Row = tuple[int, str, str, str, int, int, int, int, int]
"""A heartbeat in the order of `packed`."""

QuizRow = dict[str, Any]
"""A `QuizEvent` by field."""


def encode(rows: Sequence[Row], quizzes: Sequence[QuizRow]) -> bytes:
    """The record's value."""
    return packed(rows, orjson.dumps(quizzes))
