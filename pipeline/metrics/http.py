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


class Slot:
    """One route: how many answers of each status, 0 where there was none; and their times."""

    __slots__ = ("seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.seconds = Histogram(http.SECONDS.bounds)

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.add(seconds)


class Requests:
    """What was asked and answered, by route."""

    __slots__ = ("in_flight", "slots")

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.in_flight = 0

    def slot(self, route: str) -> Slot:
        return self.slots.setdefault(route, Slot())

    def read(self) -> Iterator[Sample]:
        for route, slot in self.slots.copy().items():
            for status, count in slot.statuses.copy().items():
                yield Sample(http.REQUESTS, count, (route, str(status) if status else ABORTED))
            yield Sample(http.SECONDS, slot.seconds, (route,))
        yield Sample(http.IN_FLIGHT, self.in_flight)


class Counted:
    """ASGI middleware; belongs outside of everything, so that it sees what the client sees."""

    __slots__ = ("_app", "_requests", "_route", "_slots")

    def __init__(self, app: ASGIApp, requests: Requests, route: Route) -> None:
        self._app = app
        self._requests = requests
        self._route = route
        self._slots: dict[str, Slot] = {}   # of paths that are their own route: no search for them

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
            slot = self._slots.get(scope["path"]) or self._slot(scope["path"])
            slot.note(status, perf_counter() - begun)

    def _slot(self, path: str) -> Slot:
        route = self._route(path)
        slot = self._requests.slot(route)
        if route == path:
            self._slots[path] = slot
        return slot


def routes(exact: Mapping[str, str], below: Mapping[str, str]) -> Route:
    """Names of routes: of whole paths, and of the first part of longer ones ("static")."""

    def route(path: str) -> str:
        return exact.get(path) or below.get(path.split("/", 2)[1] if "/" in path else "", OTHER)

    return route
