"""What any worker says of a teacher (rules 25, 26), with the platform's key.

`GET /v1/teachers/{teacher_id}/progress`: every programme; `GET /v1/teachers/{teacher_id}/resources/
{resource_id}?session=…&at=…`: one resource, what is covered and where to go on; of that play
session, which numbers are decided; and whether watching counts at that moment (epoch ms; now, if
it is left out). A worker that does not own the teacher's partition asks the one that does.
Statuses: 200; 401 wrong platform key; 404 a teacher never heard of, or a resource that no programme
lists; 503 with Retry-After while partitions are being moved between workers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from pipeline.agents.crediting import Book
from pipeline.agents.partitions import Partitions
from pipeline.keys import is_one_of
from pipeline.metrics.http import Requests
from pipeline.rules.programme import Catalogue
from pipeline.rules.progress import programme_progress
from pipeline.rules.resume import Asked, resource_progress
from pipeline.rules.viewing import Viewing
from pipeline.rules.watching import Viewer
from pipeline.schemas.partitioning import partition_of

RETRY = {"Retry-After": "2"}
ASKED_BY_WORKER = "X-Xueshi-Asked-By-Worker"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: a JSON body with its status."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProgressApi:
    """Answers for this worker's partitions itself, and for others' through their owners.

    `owner(partition)` is the URL of the partition's worker, "" for this one, None while
    nobody is known to own it.
    """

    catalogue: Catalogue
    watching: Partitions[Viewing]
    crediting: Partitions[Book]
    platform_keys: Sequence[str]
    owner: Callable[[int], str | None]
    client: Callable[[], ClientSession]
    now: Callable[[], int]

    async def progress(
        self, headers: Mapping[str, str], _: Mapping[str, str], teacher_id: str
    ) -> Answer:
        """Every programme."""
        path = f"/v1/teachers/{quote(teacher_id)}/progress"
        return await self._answer(headers, teacher_id, path, lambda: self.local(teacher_id))

    async def resource(
        self, headers: Mapping[str, str], query: Mapping[str, str],
        teacher_id: str, resource_id: str,
    ) -> Answer:
        """One resource; of a teacher never heard of, too, who may be about to begin."""
        path = f"/v1/teachers/{quote(teacher_id)}/resources/{quote(resource_id)}"
        asked = Asked(resource_id, self._moment(query), query.get("session", ""))
        more = urlencode({"session": asked.session_id, "at": asked.now})
        return await self._answer(headers, teacher_id, f"{path}?{more}",
                                  lambda: self.local_resource(teacher_id, asked))

    def _moment(self, query: Mapping[str, str]) -> int:
        """The moment asked for; what is none counts as left out."""
        at = query.get("at", "")
        return int(at) if at.isascii() and at.isdigit() and len(at) <= 15 else self.now()

    async def _answer(
        self, headers: Mapping[str, str], teacher_id: str, path: str, local: Callable[[], Answer]
    ) -> Answer:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not is_one_of(key, self.platform_keys):
            return _error(401, "send the platform's key as `Authorization: Bearer …`")
        owner = self.owner(partition_of(teacher_id, self.watching.settings.partitions))
        if owner == "":
            return local()
        if owner is None or ASKED_BY_WORKER in headers:
            return _error(503, "partitions are being moved between workers; try again", RETRY)
        return await self._ask(f"{owner}{path}", headers)

    def _state(self, teacher_id: str) -> tuple[Viewer | None, Book | None]:
        partition = partition_of(teacher_id, self.watching.settings.partitions)
        viewing = self.watching.flushers[partition].shard.peek(teacher_id)
        return (None if viewing is None else viewing.folded(),
                self.crediting.flushers[partition].shard.peek(teacher_id))

    def local_resource(self, teacher_id: str, asked: Asked) -> Answer:
        """One resource, from this worker's own state."""
        if asked.resource_id not in self.catalogue.listings:
            return _error(404, f"no programme lists {asked.resource_id!r}")
        viewer, book = self._state(teacher_id)
        return Answer(200, {"teacher_id": teacher_id, **resource_progress(
            self.catalogue, asked, viewer or Viewer(), (book or Book()).account)}, {})

    def local(self, teacher_id: str) -> Answer:
        """The answer from this worker's own state."""
        viewer, book = self._state(teacher_id)
        if viewer is None and book is None:
            return _error(404, f"nothing is known of teacher {teacher_id!r}")
        programmes = [
            programme_progress(programme, viewer or Viewer(), (book or Book()).account)
            for programme in self.catalogue.programmes.values()
        ]
        return Answer(200, {"teacher_id": teacher_id, "programmes": programmes}, {})

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        sent = {"Authorization": headers["Authorization"], ASKED_BY_WORKER: "1"}
        try:
            async with self.client().get(url, headers=sent, timeout=ClientTimeout(5)) as response:
                kept = {k: v for k, v in response.headers.items() if k == "Retry-After"}
                return Answer(response.status, await response.json(), kept)
        except (ClientError, TimeoutError):
            return _error(503, "the teacher's worker does not answer; try again", RETRY)


def _error(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {"error": detail}, headers or {})


View = Callable[..., Awaitable[Any]]


def view(of: Callable[..., Awaitable[Answer]], requests: Requests, route: str) -> View:
    """The page as Faust's web server calls it, with the parts of its path; counted as `route`."""

    async def page(web: Any, request: Any, **path: str) -> Any:
        begun, status = perf_counter(), 0
        requests.in_flight += 1
        try:
            answer = await of(request.headers, request.query, **path)
            status = answer.status
        finally:
            requests.in_flight -= 1
            requests.slot(route).note(status, perf_counter() - begun)
        return web.json(answer.body, status=answer.status, headers=dict(answer.headers))

    return page
