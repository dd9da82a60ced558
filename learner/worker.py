"""Asking a worker, with the platform's key, which never leaves this server."""

import asyncio
import logging
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from learner.said import Progress, ResourceDetail, Said

log = logging.getLogger("xueshi.learner")

TIMEOUT_S = 8.0   # longer than a worker waits for another one
CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
Found = TypeVar("Found", bound=Said)


class AwayError(Exception):
    """No worker can say it now; in a while one can."""


class Worker:
    """A worker's progress API. `url`: http://host:port. To be used as `async with`."""

    def __init__(self, url: str, platform_key: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {platform_key}"}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> "Worker":
        # Of the environment's proxies none may see the key.
        self._client = httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=TIMEOUT_S, limits=CONNECTIONS,
            trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def progress(self, teacher_id: str) -> Progress | None:
        """Every programme; None of a teacher never heard of.

        Raises:
            AwayError: partitions are being moved, or no worker answers in time.
        """
        return await self._ask(f"/v1/teachers/{_part(teacher_id)}/progress", Progress)

    async def resource(self, teacher_id: str, resource_id: str) -> ResourceDetail | None:
        """One resource; None if the worker's programmes do not list it.

        Raises:
            AwayError: as `progress`.
        """
        path = f"/v1/teachers/{_part(teacher_id)}/resources/{_part(resource_id)}"
        return await self._ask(path, ResourceDetail)

    async def _ask(self, path: str, model: type[Found]) -> Found | None:
        assert self._client is not None, "use it as `async with`"
        try:
            async with asyncio.timeout(TIMEOUT_S):  # of the whole answer; httpx bounds each read
                answer = await self._client.get(path)
        except (httpx.HTTPError, TimeoutError) as error:
            log.warning("no worker answers at %s: %s", self._url, type(error).__name__)
            raise AwayError from error
        if answer.status_code == 404:
            return None
        return self._read(answer, model)

    def _read(self, answer: httpx.Response, model: type[Found]) -> Found:
        if answer.status_code != 200:
            if answer.status_code != 503:
                log.error("the worker at %s answers %d: look at XUESHI_WORKER_URL and the "
                          "platform's key", self._url, answer.status_code)
            raise AwayError
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            log.error("the worker at %s answers what this page does not understand: %s: %s",
                      self._url, fault["loc"], fault["msg"])
            raise AwayError from error


def _part(name: str) -> str:
    return quote(name, safe="")
