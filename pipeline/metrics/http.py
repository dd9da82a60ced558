"""Requests counted around an ASGI app: two dictionary entries a request, nothing waits for it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.metrics.catalogue import http
from pipeline.metrics.metric import Histogram, Sample

OTHER = "other"
ABORTED = "aborted"
Route = Callable[[str], str]
"""From a request's path to its route's name, of which there must be few."""


class Requests:
    """What was asked and answered, by route."""

    __slots__ = ("answered", "in_flight", "seconds")

    def __init__(self) -> None:
        self.answered: dict[tuple[str, int], int] = {}
        self.seconds: dict[str, Histogram] = {}
        self.in_flight = 0

    def note(self, route: str, status: int, seconds: float) -> None:
        """`status` 0: there was no answer."""
        key = (route, status)
        self.answered[key] = self.answered.get(key, 0) + 1
        histogram = self.seconds.get(route)
        if histogram is None:
            histogram = self.seconds[route] = Histogram(http.SECONDS.bounds)
        histogram.add(seconds)

    def read(self) -> Iterator[Sample]:
        for (route, status), count in self.answered.copy().items():
            yield Sample(http.REQUESTS, count, (route, str(status) if status else ABORTED))
        for route, histogram in self.seconds.copy().items():
            yield Sample(http.SECONDS, histogram, (route,))
        yield Sample(http.IN_FLIGHT, self.in_flight)


class Counted:
    """ASGI middleware; belongs outside of everything, so that it sees what the client sees."""

    __slots__ = ("_app", "_requests", "_route")

    def __init__(self, app: ASGIApp, requests: Requests, route: Route) -> None:
        self._app = app
        self._requests = requests
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        requests, begun, status = self._requests, perf_counter(), 0

        def noting(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            return send(message)

        requests.in_flight += 1
        try:
            await self._app(scope, receive, noting)
        finally:
            requests.in_flight -= 1
            requests.note(self._route(scope["path"]), status, perf_counter() - begun)


def routes(exact: Mapping[str, str], below: Mapping[str, str]) -> Route:
    """Names of routes: of whole paths, and of the first part of longer ones ("static")."""

    def route(path: str) -> str:
        return exact.get(path) or below.get(path.split("/", 2)[1] if "/" in path else "", OTHER)

    return route
