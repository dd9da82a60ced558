"""What a platform's back end asks of xueshi with its key: plays, and visits of teachers' pages."""

from typing import Any

import httpx

TIMEOUT_S = 8.0


class AwayError(Exception):
    """The collector or the teachers' page does not answer, or refuses; the message says which."""


class Platform:
    """`collector`, `learner`: their addresses, http://host:port. To be used as `async with`."""

    def __init__(self, collector: str, learner: str, key: str) -> None:
        self.collector = collector
        self._learner = learner
        self._key = key
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> "Platform":
        headers = {"Authorization": f"Bearer {self._key}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=TIMEOUT_S)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._client is not None
        await self._client.aclose()

    async def play(self, teacher_id: str, resource_id: str) -> dict[str, Any]:
        """A new play (rule 18), for the page that plays it.

        Raises:
            AwayError: the collector does not open one.
        """
        return await self._post(f"{self.collector}/v1/plays", teacher_id=teacher_id,
                                resource_id=resource_id)

    async def visit(self, teacher_id: str) -> str:
        """The address of the teacher's own page, good once.

        Raises:
            AwayError: the page does not let them in.
        """
        url: str = (await self._post(f"{self._learner}/v1/visits", teacher_id=teacher_id))["url"]
        return url

    async def _post(self, url: str, **body: str) -> dict[str, Any]:
        assert self._client is not None, "use it as `async with`"
        try:
            answer = await self._client.post(url, json=body)
        except httpx.HTTPError as error:
            raise AwayError(url) from error
        if answer.status_code != 201:
            raise AwayError(f"{url} {answer.status_code}")
        found: dict[str, Any] = answer.json()
        return found
