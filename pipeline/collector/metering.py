"""What the collector counts of its posts: plain numbers, read out only when asked for.

It is hooked in at three places: `timed` around the handler of posts, which a middleware with its
wrapped `send` would make 4 % slower (app.py); `metered` around the whole app, for all the rest
(cli.py); and the publisher adds to `Counts` where Kafka has answered (publishing.py).
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from pipeline.collector.faults import RefusedError
from pipeline.metrics.catalogue import collector
from pipeline.metrics.http import Counted, Requests, routes
from pipeline.metrics.metric import Sample
from pipeline.schemas.rejections import Reason

EVENTS = "/v1/events"
Handler = Callable[[Request], Awaitable[Response]]
ROUTE = routes(
    {path: path for path in (EVENTS, "/v1/plays", "/healthz", "/readyz", "/openapi.json")},
    {"xapi": "/xapi"})


@dataclass(slots=True)
class Counts:
    """Since the start. `refused`: events by reason."""

    events: int = 0
    records: int = 0
    record_bytes: int = 0
    failures: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    requests: Requests = field(default_factory=Requests)

    def read(self) -> Iterable[Sample]:
        return [
            *self.requests.read(),
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


def metered(app: ASGIApp, requests: Requests) -> Counted:
    """The app, with its answers counted, but for those that are `timed`."""
    return Counted(app, requests, ROUTE, {EVENTS})


def timed(handler: Handler, requests: Requests, route: str) -> Handler:
    """The handler, with its answers counted."""
    slot = requests.slot(route)

    async def handle(request: Request) -> Response:
        begun, status = perf_counter(), 0
        requests.in_flight += 1
        try:
            answer = await handler(request)
            status = answer.status_code
        except RefusedError as refused:
            status = refused.status
            raise
        except Exception:
            status = 500
            raise
        finally:
            requests.in_flight -= 1
            slot.note(status, perf_counter() - begun)
        return answer

    return handle
