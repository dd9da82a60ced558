"""What the reference reads: the whole log of one teacher, on a grid of half seconds.

Every time and position is a whole number of cells, so that a stretch is a set of cells and
no arithmetic on bounds is needed anywhere in the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CELL_MS = 500

Cells = set[int]


@dataclass(frozen=True, slots=True)
class Played:
    """A heartbeat. Times and positions in milliseconds, `rate` in per cent."""

    resource_id: str
    session_id: str
    opened_at: int
    seq: int
    received_at: int
    start: int
    end: int
    rate: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Quiz answers that were handed in."""

    resource_id: str
    session_id: str
    opened_at: int
    seq: int
    received_at: int
    quiz_id: str
    answers: Mapping[str, str | list[str]]


Entry = Played | Answered


def cells(start_ms: int, end_ms: int) -> Cells:
    """The cells of [start, end). Raises ValueError off the grid: the test itself is wrong."""
    if start_ms % CELL_MS or end_ms % CELL_MS:
        raise ValueError(f"[{start_ms}, {end_ms}) is off the grid of {CELL_MS} ms")
    return set(range(start_ms // CELL_MS, end_ms // CELL_MS))
