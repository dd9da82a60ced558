"""What the reference reads: one teacher's log, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass


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
