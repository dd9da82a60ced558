"""What the collector counts of its posts: plain numbers, read out only when asked for.

It is hooked in at two places: `metered` around the whole app (cli.py), and a `Counts` that the
publisher adds to where Kafka has answered (publishing.py).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from pipeline.metrics.catalogue import collector
from pipeline.metrics.http import Counted, Requests, routes
from pipeline.metrics.metric import Sample
from pipeline.schemas.rejections import Reason

ROUTE = routes(
    {path: path for path in ("/v1/events", "/v1/plays", "/healthz", "/readyz", "/openapi.json")},
    {"xapi": "/xapi"})


@dataclass(slots=True)
class Counts:
    """Since the start. `refused`: events by reason."""

    events: int = 0
    records: int = 0
    record_bytes: int = 0
    failures: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)

    def read(self) -> Iterable[Sample]:
        return [
            Sample(collector.EVENTS, self.events),
            Sample(collector.RECORDS, self.records),
            Sample(collector.BYTES, self.record_bytes),
            Sample(collector.SEND_FAILURES, self.failures),
            *(Sample(collector.REFUSED, self.refused[reason], (reason,)) for reason in Reason),
        ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for Kafka now."""

    posts: int
    bytes: int

    def read(self) -> Iterable[Sample]:
        return [Sample(collector.WAITING_POSTS, self.posts),
                Sample(collector.WAITING_BYTES, self.bytes)]


def metered(app: ASGIApp, requests: Requests) -> ASGIApp:
    """The app, with its answers counted."""
    return Counted(app, requests, ROUTE)
