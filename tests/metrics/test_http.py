"""Requests counted around an app."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from pipeline.metrics.http import ABORTED, OTHER, Counted, Requests, routes

ROUTE = routes({"/": "/", "/v1/events": "/v1/events"}, {"static": "/static/…"})


@pytest.mark.parametrize(("path", "route"), [
    ("/v1/events", "/v1/events"), ("/static/a.css", "/static/…"), ("/", "/"),
    ("/teachers/t1", OTHER), ("", OTHER), ("*", OTHER), ("//", OTHER), ("/v1/events/", OTHER)])
def test_a_path_becomes_one_of_few_routes(path: str, route: str) -> None:
    assert ROUTE(path) == route


def asked(requests: Requests, path: str, *sent: Message, fails: bool = False) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert requests.in_flight == 1
        for message in sent:
            await send(message)
        if fails:
            raise RuntimeError

    async def nothing(*_: object) -> Message:
        return {}

    async def taken(_: Message) -> None: ...

    async def ask() -> None:
        await Counted(app, requests, ROUTE)(scope, nothing, taken)

    scope = {"type": "http", "method": "POST", "path": path}
    asyncio.run(ask())


def found(requests: Requests) -> dict[tuple[str, ...], object]:
    return {sample.labels: sample.value for sample in requests.read() if len(sample.labels) == 2}


def test_answers_are_counted_by_route_and_status() -> None:
    requests = Requests()
    for status in (202, 202, 503):
        asked(requests, "/v1/events", {"type": "http.response.start", "status": status},
              {"type": "http.response.body"})
    assert found(requests) == {("/v1/events", "202"): 2, ("/v1/events", "503"): 1}
    assert sum(requests.slots["/v1/events"].seconds.counts) == 3
    assert requests.in_flight == 0


def test_a_client_that_left_before_the_answer_is_counted_too() -> None:
    requests = Requests()
    with pytest.raises(RuntimeError):
        asked(requests, "/v1/events", fails=True)
    assert found(requests) == {("/v1/events", ABORTED): 1}
    assert requests.in_flight == 0
