"""At most so many lines of a kind in a while: a flood buries what matters, and fills a disk."""

import logging
from dataclasses import dataclass, field

LINES = 20
SPAN_S = 10.0
MOST_KINDS = 1_000


@dataclass(slots=True)
class Span:
    """`begun`: epoch seconds; `suppressed`: lines since then that were not let through."""

    begun: float
    lines: int = 0
    suppressed: int = 0


@dataclass(slots=True)
class Flood:
    """Lets `lines` of each kind through every `span_s`; a kind is a place in the code, whatever
    the figures in its text. The first line after a flood says how many are missing.
    """

    lines: int = LINES
    span_s: float = SPAN_S
    _spans: dict[tuple[str, int, str], Span] = field(default_factory=dict)

    def passes(self, kind: tuple[str, int, str], now: float) -> int | None:
        """None if the line must not pass; else how many of its kind did not before it."""
        span = self._spans.get(kind)
        if span is None or not 0 <= now - span.begun < self.span_s:
            missing = span.suppressed if span is not None else 0
            self._begin(kind, now)
            return missing
        if span.lines < self.lines:
            span.lines += 1
            return 0
        span.suppressed += 1
        return None

    def _begin(self, kind: tuple[str, int, str], now: float) -> None:
        if len(self._spans) >= MOST_KINDS:
            self._spans.clear()
        self._spans[kind] = Span(now, 1)


def kind_of(record: logging.LogRecord) -> tuple[str, int, str]:
    return record.name, record.levelno, record.msg if isinstance(record.msg, str) else ""
