"""What the last publication says of a teacher: verified or not, and which certificates are due.

Read in threads of its own and remembered until the next publication, as a teacher's province is
found by going through all of them.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from warehouse.certificate.issuing import Standing, provinces
from warehouse.dashboard.errors import NothingPublishedError, UnknownError
from warehouse.dashboard.shelf import Shelf
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, read_manifest
from warehouse.sql import query

log = logging.getLogger("xueshi.learner")

READERS = 4
REMEMBERED = 50_000
PATIENCE_S = 3.0   # the first one after a publication may wait for its files' sums


@dataclass(frozen=True, slots=True)
class OnRoster:
    """`as_of`: epoch ms. `standings` by programme; {}: no published roster has the teacher."""

    as_of: int
    publication_id: str
    standings: dict[str, Standing]


class UnreadableError(Exception):
    """There are published files, and they cannot be read now."""


class Published:
    """The published files of a folder."""

    def __init__(self, published: Path) -> None:
        self._published = published
        self._shelf = Shelf(published)
        self._readers = ThreadPoolExecutor(READERS, "published")
        self._found: OrderedDict[str, tuple[str, OnRoster]] = OrderedDict()

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def of(self, teacher_id: str) -> OnRoster | None:
        """What is published of the teacher; None while nothing is published at all.

        Raises:
            UnreadableError: the files are damaged, or reading them takes too long just now.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await loop.run_in_executor(self._readers, self._read, teacher_id)
        except NothingPublishedError:
            return None
        except (WarehouseError, OSError, TimeoutError) as error:
            log.error("published files cannot be read: %s", error or "it takes too long")
            raise UnreadableError from error

    def _read(self, teacher_id: str) -> OnRoster:
        if not (self._published / "manifest.json").exists():
            raise NothingPublishedError(f"nothing is published in {self._published}")
        manifest = read_manifest(self._published)
        known = self._found.get(teacher_id)
        if known and known[1].publication_id == manifest.publication_id:
            return known[1]
        return self._searched(manifest, teacher_id, known[0] if known else "")

    def _searched(self, manifest: Manifest, teacher_id: str, last_home: str) -> OnRoster:
        for home in sorted(provinces(manifest), key=lambda code: code != last_home):
            if rows := list(self._rows(home, teacher_id)):
                break
        else:
            home, rows = "", []
        found = OnRoster(manifest.as_of, manifest.publication_id,
                         {row.programme_id: row for row in rows})
        self._found[teacher_id] = home, found
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return found

    def _rows(self, province: str, teacher_id: str) -> Iterator[Standing]:
        try:
            edition = self._shelf.edition(province, names=False)
        except UnknownError:  # the next publication came meanwhile, without this province
            return
        rows = edition.cursor().execute(
            query("certificate_teacher"), {"teacher_id": teacher_id}).fetchall()
        yield from (Standing(*row) for row in rows)
