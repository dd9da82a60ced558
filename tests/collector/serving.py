"""The app in this process, without a network: for what is only about answers."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline.collector.app import create_collector
from pipeline.collector.arrival import HEADER
from pipeline.collector.publishing import Publisher, Transport
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from tests import hostile

KEY = "platform-key-of-the-tests"
NOW = hostile.OPENED_AT


@dataclass(slots=True)
class Clock:
    now: int = NOW

    def __call__(self) -> int:
        return self.now


@dataclass(slots=True)
class Client:
    """A platform and a player in one."""

    http: httpx.AsyncClient

    async def open(self, resource: str = hostile.RESOURCE, teacher: str = hostile.TEACHER,
                   at: int | None = None) -> dict[str, Any]:
        response = await self.http.post(
            "/v1/plays", json={"teacher_id": teacher, "resource_id": resource},
            headers={"Authorization": f"Bearer {KEY}", **_simulated(at)})
        assert response.status_code == 201, response.text
        opened: dict[str, Any] = response.json()
        return opened

    async def post(self, token: str, body: bytes, at: int | None = None) -> httpx.Response:
        return await self.http.post(
            "/v1/events", content=body,
            headers={"Authorization": f"Bearer {token}", **_simulated(at)})


def _simulated(at: int | None) -> Mapping[str, str]:
    return {} if at is None else {HEADER: str(at)}


@asynccontextmanager
async def serving(
    settings: Settings, catalogue: Catalogue, transport: Transport,
    clock: Callable[[], int] | None = None,
) -> AsyncIterator[Client]:
    """The collector from start to stop."""
    app = create_collector(settings, catalogue, Publisher(settings, transport), clock or Clock())
    asgi = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (app.router.lifespan_context(app),
                httpx.AsyncClient(transport=asgi, base_url="http://collector") as http):
        yield Client(http)
