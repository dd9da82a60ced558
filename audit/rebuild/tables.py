"""The live tables: what the workers show, and what was published."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx

from audit.rebuild.figures import BY_COURSE, BY_RESOURCE, Figure, Figures
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest, read_manifest
from warehouse.reader import open_published

AT_ONCE = 16
ROWS_AT_ONCE = 10_000
PATIENCE_S = 10.0
MOVING, TRIES, AGAIN_S = 503, 40, 0.5


class TableAwayError(Exception):
    """A live table cannot be read; the message says why and what to do."""


Teachers = Mapping[str, Figures]
Owns = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Workers:
    """The credited-hours table over HTTP, through the worker at `url`. It knows everybody."""

    url: str
    platform_key: str | None
    name: ClassVar[str] = "workers"
    figures: ClassVar[frozenset[str]] = BY_COURSE | BY_RESOURCE

    def require(self) -> None:
        """Raises TableAwayError if it does not answer, or not to this key."""
        asyncio.run(self._read(["nobody"]))

    def read(self, teachers: Sequence[str], owns: Owns) -> Teachers:
        """The figures of the teachers; none of one never heard of. Raises TableAwayError."""
        return asyncio.run(self._read(teachers))

    async def _read(self, teachers: Sequence[str]) -> Teachers:
        if self.platform_key is None:
            raise TableAwayError("XUESHI_PLATFORM_KEY is not set: set it as the workers have it")
        headers = {"Authorization": f"Bearer {self.platform_key}"}
        try:
            async with httpx.AsyncClient(
                base_url=self.url, headers=headers, timeout=PATIENCE_S
            ) as client:
                return {id_: found async for id_, found in _pages(client, teachers)}
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
            raise TableAwayError(_why(self.url, error)) from error


async def _pages(
    client: httpx.AsyncClient, teachers: Sequence[str]
) -> AsyncIterator[tuple[str, Figures]]:
    for start in range(0, len(teachers), AT_ONCE):
        some = teachers[start : start + AT_ONCE]
        pages = await asyncio.gather(*(_page(client, one) for one in some))
        for teacher_id, page in zip(some, pages, strict=True):
            yield teacher_id, {figure: value for programme in page["programmes"]
                               for figure, value in _of_programme(programme) if value}


async def _page(client: httpx.AsyncClient, teacher_id: str) -> Mapping[str, Any]:
    """The worker's answer, patiently while partitions move from one worker to another."""
    for _ in range(TRIES):
        answer = await client.get(f"/v1/teachers/{teacher_id}/progress")
        if answer.status_code != MOVING:
            break
        await asyncio.sleep(AGAIN_S)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return {"programmes": []}
    answer.raise_for_status()
    page: Mapping[str, Any] = answer.json()
    return page


def _of_programme(page: Mapping[str, Any]) -> Iterator[tuple[Figure, int | None]]:
    id_ = page["programme_id"]
    yield Figure(id_, "", "recognised"), page["recognised_seconds"]
    yield Figure(id_, "", "completed_at"), page["completed_at"]
    for course in page["courses"]:
        yield Figure(id_, course["course_id"], "learned"), course["learned_seconds"]
        yield Figure(id_, course["course_id"], "credited"), course["credited_seconds"]
        for resource in course["resources"]:
            yield Figure(id_, resource["resource_id"], "done_at"), resource["done_at"]
            yield Figure(id_, resource["resource_id"], "watch_time_ms"), resource["watch_time_ms"]


def _why(url: str, error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        if error.response.status_code == httpx.codes.UNAUTHORIZED:
            return f"{url} does not accept the key: set XUESHI_PLATFORM_KEY as the workers have it"
        return f"{url} answers with status {error.response.status_code}: see the worker's log"
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
        return f"{url} does not answer ({error or type(error).__name__}): start `xueshi worker`" \
               " or name one with --worker"
    return f"{url} answers something that is no progress page: {error!r}"


@dataclass(frozen=True, slots=True)
class Published:
    """The published files. They have those who are on the roster of a known school."""

    folder: Path
    name: ClassVar[str] = "published"
    figures: ClassVar[frozenset[str]] = BY_COURSE

    def require(self) -> None:
        """Raises TableAwayError if nothing is published."""
        self._manifest()

    def read(self, teachers: Sequence[str], owns: Owns) -> Teachers:
        """The figures of all that `owns` says yes to, asked for or not. Raises TableAwayError."""
        manifest = self._manifest()
        found: dict[str, dict[Figure, int]] = {}
        for file in manifest.files:
            if file.region != NATIONAL:
                self._read_file(manifest, file.region, owns, found)
        return found

    def _manifest(self) -> Manifest:
        try:
            return read_manifest(self.folder)
        except WarehouseError as error:
            raise TableAwayError(str(error)) from error

    def _read_file(
        self, manifest: Manifest, region: str, owns: Owns, found: dict[str, dict[Figure, int]]
    ) -> None:
        try:
            with open_published(self.folder, manifest, region) as db:
                for (teacher_id,) in _rows(db, "SELECT teacher_id FROM teachers"):
                    if owns(teacher_id):
                        found.setdefault(teacher_id, {})
                for teacher_id, *figure, value in _rows(db, PUBLISHED_FIGURES):
                    if value and owns(teacher_id):
                        found.setdefault(teacher_id, {})[Figure(*figure)] = value
        except WarehouseError as error:
            raise TableAwayError(str(error)) from error


PUBLISHED_FIGURES = """
SELECT teacher_id, programme_id, '', 'recognised', recognised::BIGINT FROM progress UNION ALL
SELECT teacher_id, programme_id, '', 'completed_at', epoch_ms(completed_at) FROM progress UNION ALL
SELECT teacher_id, programme_id, course_id, 'learned', learned::BIGINT FROM course_progress
UNION ALL
SELECT teacher_id, programme_id, course_id, 'credited', credited::BIGINT FROM course_progress
"""


def _rows(db: Any, sql: str) -> Iterator[tuple[Any, ...]]:
    answer = db.execute(sql)
    while some := answer.fetchmany(ROWS_AT_ONCE):
        yield from some


Table = Workers | Published
