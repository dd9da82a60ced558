"""The protocol's reference: no route is missing, its examples are taken, its refusals are real."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from pipeline import protocol_page
from pipeline.collector.app import create_collector
from pipeline.collector.faults import Fault
from pipeline.collector.openapi import described
from pipeline.collector.operations import OPERATIONS, PAUSED, Operation
from pipeline.collector.publishing import Publisher
from pipeline.collector.xapi.faults import XapiFault
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Clock
from tests.collector.test_status import CASES

NOT_LISTED = {"HEAD", "OPTIONS"}
SELF_DESCRIPTION = {("/openapi.json", "GET")}
EVERYWHERE = {Fault.UNKNOWN_PATH, Fault.WRONG_METHOD, Fault.HEAD_TOO_LARGE}


def app_of(settings: Settings, catalogue: Catalogue, memory: Memory) -> FastAPI:
    return create_collector(settings, catalogue, Publisher(settings, memory), Clock())


def routes(app: Any, prefix: str = "") -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in app.routes:
        if isinstance(route, Mount):
            framed: Any = route.app
            while hasattr(framed, "_app"):
                framed = framed._app
            found |= routes(framed, route.path)
        elif isinstance(route, Route):
            found |= {(prefix + route.path, method) for method in route.methods or ()
                      if method not in NOT_LISTED}
    return found


def test_no_route_is_missing(offline: Settings, catalogue: Catalogue) -> None:
    served = routes(app_of(offline, catalogue, Memory(offline))) - SELF_DESCRIPTION
    listed = {(one.path, one.method.upper()) for one in OPERATIONS if one.success}
    assert served == listed
    page = protocol_page.page(described())
    for path, method in served:
        assert f"## `{method} {path}`" in page


def test_every_fault_is_some_operations() -> None:
    named = {refusal for one in OPERATIONS for refusal in one.refused}
    for fault in [*Fault, *XapiFault]:
        assert fault in EVERYWHERE or (fault.status, fault.type) in named, fault


def test_what_is_really_refused_is_said_of_the_operation() -> None:
    types = {fault.type for fault in Fault}
    by_route = {(one.path, one.method.upper()): one for one in OPERATIONS}
    checked = 0
    for case in CASES:
        one = by_route.get((case.path, case.method))
        if one is None or case.type not in types:
            continue
        assert (case.status, case.type) in one.refused, case
        checked += 1
    assert checked > 10


def test_every_field_that_is_sent_has_its_meaning() -> None:
    schemas = described()["components"]["schemas"]
    for name in ("OpenPlay", "Post", "Heartbeat", "QuizAnswers"):
        for field, schema in schemas[name]["properties"].items():
            assert schema.get("description") or field == "type", (name, field)


def sending() -> list[Operation]:
    return [one for one in OPERATIONS if one.body is not None]


@pytest.mark.parametrize("one", sending(), ids=lambda one: f"{one.method} {one.path}")
def test_the_examples_are_taken(offline: Settings, one: Operation) -> None:
    memory = Memory(offline)
    response = asyncio.run(_ask(offline, memory, one))
    assert one.success is not None
    assert response.status_code == one.success[0], response.text
    if one.path != "/v1/plays":
        assert memory.events() == (2 if one.path == "/v1/events" else 1)


def test_what_is_answered_has_the_shapes_fields(offline: Settings) -> None:
    (opening,) = [one for one in OPERATIONS if one.path == "/v1/plays"]
    response = asyncio.run(_ask(offline, Memory(offline), opening))
    shape = described()["components"]["schemas"]["OpenedPlay"]
    assert set(response.json()) == set(shape["properties"]) == set(shape["required"])


async def _ask(settings: Settings, memory: Memory, one: Operation) -> httpx.Response:
    app = app_of(settings, load_catalogue(settings.programmes_dir), memory)
    transport = httpx.ASGITransport(app)
    async with (app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://collector") as http):
        secret = KEY
        if one.path != "/v1/plays":
            (opening,) = [other for other in OPERATIONS if other.path == "/v1/plays"]
            play = await http.post(opening.path, json=opening.example,
                                   headers={"Authorization": f"Bearer {KEY}"})
            secret = play.json()["token"]
        given = {told["name"]: told["example"] for told in one.parameters if "example" in told}
        query = given.pop("statementId", None)
        return await http.request(
            one.method.upper(), one.path, json=one.example,
            params={"statementId": query} if query else None,
            headers={"Authorization": f"Bearer {secret}", **given})


def test_the_page_has_each_example_as_it_is_posted() -> None:
    page = protocol_page.page(described())
    assert len(re.findall(r"^```json$", page, re.MULTILINE)) == len(sending())
    assert PAUSED["verb"]["id"] in page
