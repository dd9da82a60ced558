"""Asking a worker for the teacher's page."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from learner.said import Progress
from pipeline.asking import Asking, AwayError, part
from pipeline.said import ResourceDetail

log = logging.getLogger("xueshi.learner")

TIMEOUT_S = 8.0   # longer than a worker waits for another one
CONNECTIONS = 100
T = TypeVar("T")


class Worker:
    """A worker's progress API. `url`: http://host:port. To be used as `async with`."""

    def __init__(self, url: str, platform_key: str) -> None:
        self._asking = Asking(url, platform_key, TIMEOUT_S, CONNECTIONS)

    async def __aenter__(self) -> "Worker":
        await self._asking.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._asking.__aexit__()

    async def progress(self, teacher_id: str) -> Progress | None:
        """Every programme; None of a teacher never heard of.

        Raises:
            AwayError: partitions are being moved, or no worker answers in time.
        """
        path = f"/v1/teachers/{part(teacher_id)}/progress"
        return await _logged(self._asking.ask(path, Progress))

    async def resource(self, teacher_id: str, resource_id: str) -> ResourceDetail | None:
        """One resource; None if the worker's programmes do not list it.

        Raises:
            AwayError: as `progress`.
        """
        return await _logged(self._asking.resource(teacher_id, resource_id))


async def _logged(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except AwayError as away:
        log.log(logging.ERROR if away.is_fault else logging.WARNING, "%s", away)
        raise
