"""What the collector counts of its posts: plain numbers, read out only when asked for.

It is hooked in at two places: around the handlers (app.py), as a middleware with its wrapped `send`
would make every post 4 % slower; and where Kafka has answered (publishing.py).
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
from pipeline.metrics.http import OTHER, Counted, Requests
from pipeline.metrics.metric import Sample
from pipeline.schemas.rejections import Reason

Handler = Callable[[Request], Awaitable[Response]]
Sorry = Callable[[Request, Exception], Awaitable[Response]]
XAPI = "/xapi"


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


def lost(sorry: Sorry, requests: Requests) -> Sorry:
    """Answers to what is no route, or not with this method, counted under `other`."""
    slot = requests.slot(OTHER)

    async def handle(request: Request, error: Exception) -> Response:
        answer = await sorry(request, error)
        slot.note(answer.status_code, 0.0)
        return answer

    return handle


def xapi(app: ASGIApp, requests: Requests) -> ASGIApp:
    """The xAPI endpoint, with its answers counted."""
    return Counted(app, requests, lambda _: XAPI)
