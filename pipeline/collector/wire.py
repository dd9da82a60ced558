"""Rows as a `TelemetryBatch` record. Written by hand, as validating our own output would cost
as much as all the rest; tests prove that it validates.
"""

from collections.abc import Sequence
from typing import Any

import orjson

Row = tuple[int, str, str, str, int, int, int, int, int]
"""A heartbeat in the order of COLUMNS."""

QuizRow = dict[str, Any]
"""A `QuizEvent` by field."""

COLUMNS = (
    "received_at", "teacher_id", "resource_id", "session_id", "opened_at", "seq", "from", "to",
    "rate",
)
NO_ROWS: dict[str, list[Any]] = {name: [] for name in COLUMNS}


def encode(rows: Sequence[Row], quizzes: Sequence[QuizRow]) -> bytes:
    """The record's value."""
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else NO_ROWS
    return orjson.dumps({"v": 1, **columns, "quizzes": quizzes})
