"""Asking a worker for what it knows of a teacher, with the platform's key, which never leaves the
server that asks.
"""

import asyncio
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from pipeline.said import ResourceDetail, Said

Found = TypeVar("Found", bound=Said)
NOTHING: Mapping[str, str | int] = {}


class AwayError(Exception):
    """No worker can say it now; in a while one can. `is_fault`: not without somebody's help."""

    def __init__(self, msg: str, is_fault: bool = False) -> None:
        super().__init__(msg)
        self.is_fault = is_fault


class Asking:
    """A worker's progress API. `url`: http://host:port; `timeout_s`: of a whole answer; `most`:
    connections at once. To be used as `async with`.
    """

    def __init__(self, url: str, platform_key: str, timeout_s: float, most: int) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {platform_key}"}
        self._timeout_s = timeout_s
        self._limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> "Asking":
        # Of the environment's proxies none may see the key.
        self._client = httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=self._timeout_s,
            limits=self._limits, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def resource(
        self, teacher_id: str, resource_id: str, query: Mapping[str, str | int] = NOTHING
    ) -> ResourceDetail | None:
        """One resource; None if the worker's programmes do not list it.

        Raises:
            AwayError: as `ask`.
        """
        path = f"/v1/teachers/{part(teacher_id)}/resources/{part(resource_id)}"
        return await self.ask(path, ResourceDetail, query)

    async def ask(
        self, path: str, model: type[Found], query: Mapping[str, str | int] = NOTHING
    ) -> Found | None:
        """What the worker says; None where it knows nothing.

        Raises:
            AwayError: partitions are being moved, or no worker answers in time.
        """
        assert self._client is not None, "use it as `async with`"
        try:
            async with asyncio.timeout(self._timeout_s):  # httpx bounds each read
                answer = await self._client.get(path, params=dict(query))
        except (httpx.HTTPError, TimeoutError) as error:
            raise AwayError(
                f"no worker answers at {self._url}: {type(error).__name__}") from error
        return None if answer.status_code == 404 else self._read(answer, model)

    def _read(self, answer: httpx.Response, model: type[Found]) -> Found:
        if answer.status_code == 503:
            raise AwayError(f"the worker at {self._url} is moving partitions")
        if answer.status_code != 200:
            raise AwayError(f"the worker at {self._url} answers {answer.status_code}: look at "
                            "XUESHI_WORKER_URL and the platform's key", is_fault=True)
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            raise AwayError(f"the worker at {self._url} answers what is not understood here: "
                            f"{fault['loc']}: {fault['msg']}", is_fault=True) from error


def part(name: str) -> str:
    """The name as a part of a path."""
    return quote(name, safe="")
