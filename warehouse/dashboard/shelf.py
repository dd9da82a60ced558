"""The editions of the last publication: each opened once, and all changed together."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from warehouse.dashboard.edition import Edition, Seal, open_edition, seal
from warehouse.dashboard.errors import DamagedError, NothingPublishedError, UnknownError
from warehouse.days import day_folder, frozen
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, manifest_path, read_manifest

MOST_DAYS = 4
MOST_OPEN = 48  # every province and the country, and a dozen cities and counties


class _Slot:
    """The place of one edition; whoever comes first opens it, the others wait."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.edition: Edition | None = None


class _Publication:
    """The editions of one manifest. `seal`: what the manifest's file looked like."""

    def __init__(self, published: Path, manifest: Manifest, seen: Seal | None) -> None:
        self.seal = seen
        self._published = published
        self._manifest = manifest
        self._slots: OrderedDict[tuple[str, bool], _Slot] = OrderedDict()
        self._lock = Lock()

    def edition(self, region: str, names: bool) -> Edition:
        """Opened and verified before, or now; again if the files no longer look the same."""
        slot = self._slot((region, names))
        with slot.lock:
            if slot.edition is None or not slot.edition.is_untouched:
                slot.edition = None  # one that is no longer vouched for is never shown again
                slot.edition = open_edition(self._published, self._manifest, region, names)
            return slot.edition

    def _slot(self, key: tuple[str, bool]) -> _Slot:
        """The one least lately asked for is given up; it closes with its last reader."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > MOST_OPEN:
                self._slots.popitem(last=False)
            return slot


class Shelf:
    """What is published in a folder now. Safe to use from several threads."""

    def __init__(self, published: Path) -> None:
        self._published = published
        self._lock = Lock()
        self._last: _Publication | None = None

    def edition(self, region: str, names: bool) -> Edition:
        """The region's part of the publication that the manifest names; with its teachers' names
        for who may see them.

        Raises:
            NothingPublishedError: there is no manifest yet.
            DamagedError: the manifest or the file is broken.
            UnknownError: the publication has no file for the region.
        """
        publication = self._publication()
        try:
            return publication.edition(region, names)
        except DamagedError:
            # The next publication may have taken the files of this one away meanwhile.
            again = self._publication()
            if again is publication:
                raise
            return again.edition(region, names)

    def _publication(self) -> _Publication:
        with self._lock:
            seen = seal(manifest_path(self._published))
            if seen is None:
                raise NothingPublishedError(f"nothing is published in {self._published}")
            if self._last is None or self._last.seal != seen:
                self._last = _Publication(self._published, self._read(), seen)
            return self._last

    def _read(self) -> Manifest:
        try:
            return read_manifest(self._published)
        except WarehouseError as error:
            raise DamagedError(str(error)) from error


class Days:
    """The shelves of frozen days, beside that of the last publication."""

    def __init__(self, published: Path) -> None:
        self._published = published
        self._last = Shelf(published)
        self._frozen: OrderedDict[str, Shelf] = OrderedDict()
        self._lock = Lock()

    def known(self) -> list[str]:
        """The frozen days, the last one first."""
        return frozen(self._published)

    def shelf(self, day: str | None = None) -> Shelf:
        """The shelf of a day like 2023-07-20, or of the last publication.

        Raises:
            UnknownError: nothing of that day is kept.
        """
        if day is None:
            return self._last
        try:
            folder = day_folder(self._published, day)
        except WarehouseError:
            raise UnknownError("没有保存这一天的数据，请选择其他日期。") from None
        with self._lock:
            found = self._frozen.setdefault(day, Shelf(folder))
            self._frozen.move_to_end(day)
            if len(self._frozen) > MOST_DAYS:
                self._frozen.popitem(last=False)
            return found
