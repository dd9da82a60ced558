"""What must be found in Kafka after a load, whatever happened meanwhile."""

from collections import Counter
from dataclasses import dataclass, field

EventKey = tuple[str, int]
"""(session, seq): makes an event unique (rule 18)."""

Refusals = Counter[tuple[str, str]]
"""Events by (short topic, reason code); what collectors refuse has the topic "collector"."""


@dataclass(frozen=True, slots=True)
class Expected:
    """acknowledged  events of all posts that were answered 202, or of all records that Kafka took
    refused          events of hostile records, and of posts that collectors refuse, exactly; what
                     is refused of teachers' claims besides follows from the telemetry itself
    """

    acknowledged: frozenset[EventKey] = frozenset()
    refused: Refusals = field(default_factory=Counter)
