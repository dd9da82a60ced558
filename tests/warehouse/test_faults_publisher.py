"""The publisher, killed halfway: readers see the last good publication, whole, all the time."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos.victim import points
from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.dying import died_there, victim
from tests.warehouse.helpers import DAY, NOON, Log, rows, snapshot_of, teacher
from warehouse.days import DAYS, frozen
from warehouse.manifest import Manifest, manifest_path, read_manifest
from warehouse.publications import is_whole
from warehouse.publisher import publish_once
from warehouse.reader import open_published

# Whether the new publication holds when the publisher dies there.
HOLDS = {
    "inside-file": False,
    "before-file-rename": False,
    "between-files": False,
    "inside-counties": False,
    "inside-freezing": False,
    "after-freezing": False,
    "before-manifest": False,
    "after-manifest": True,
    "inside-cleaning": True,
}
KEPT = 3


def test_every_point_of_the_publisher_is_tried() -> None:
    assert set(points("publisher")) == {f"publisher:{name}" for name in HOLDS}


class Reader:
    """Follows the manifest to every file, again and again, as a bureau's report does."""

    def __init__(self, published: Path) -> None:
        self._published = published
        self.seen: set[int] = set()
        self.reads = 0
        self.over = threading.Event()
        self.wrong: list[Exception] = []

    def read_on(self) -> None:
        while not self.over.is_set() and not self.wrong:
            try:
                self._read()
            except Exception as error:
                self.wrong.append(error)
            self.over.wait(0.02)

    def _read(self) -> None:
        manifest = read_manifest(self._published)
        for file in manifest.files:
            with open_published(self._published, manifest, file.region) as db:
                assert rows(db, "SELECT publication_id FROM about") == [
                    (manifest.publication_id,)]
        self.seen.add(manifest.sequence)
        self.reads += 1


@contextmanager
def reading(published: Path) -> Iterator[Reader]:
    """A reader that never stops as long as the block runs; afterwards it has met no fault."""
    reader = Reader(published)
    thread = threading.Thread(target=reader.read_on)
    thread.start()
    try:
        yield reader
    finally:
        reader.over.set()
        thread.join()
    assert not reader.wrong
    assert reader.reads > 0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many publications that the next one takes the first away, and a snapshot for it."""
    made = Settings(var_dir=tmp_path_factory.mktemp("published"))
    for day in range(KEPT):
        snapshot_of(made, country() if day == 0 else [], NOON + (day + 1) * DAY)
        publish_once(made)
    snapshot_of(made, Log(start=100).roster(teacher("ann", "dg1", at=2000)), NOON + 9 * DAY)
    return made.var_dir


@pytest.fixture
def published(local: Settings, template: Path) -> Settings:
    shutil.copytree(template, local.var_dir, dirs_exist_ok=True)
    return local


def names(settings: Settings, manifest: Manifest) -> set[str]:
    """What may lie in the folder: the files of the kept publications, and what is no file of
    a publication.
    """
    ours = {path.name for path in settings.published_dir.iterdir()
            if path.suffix in (".duckdb", ".parquet") and path.name[0] != "."
            if any(kept in path.name for kept in manifest.kept)}
    return {*ours, "manifest.json", "publisher.lock"}


def found(settings: Settings) -> set[str]:
    """All that lies there; of frozen days only what is half."""
    days = settings.published_dir / DAYS
    half = {path.name for path in days.iterdir() if path.name.startswith(".")} \
        if days.is_dir() else set()
    return half | {path.name for path in settings.published_dir.iterdir()} - {DAYS}


def require_days(settings: Settings, manifest: Manifest) -> None:
    """Every day before the publication's that had one is frozen, whole."""
    days = frozen(settings.published_dir)
    assert days == ["2023-07-23", "2023-07-22", "2023-07-21"]
    for day in days:
        folder = settings.published_dir / DAYS / day
        assert is_whole(folder, read_manifest(folder))
    assert manifest.local_day == "2023-07-29"


@pytest.mark.parametrize("name", HOLDS)
def test_killed_halfway_readers_see_a_whole_publication_and_the_next_run_cleans(
    published: Settings, name: str
) -> None:
    folder, point = published.published_dir, f"publisher:{name}"
    before = read_manifest(folder)
    with reading(folder) as reader, victim(published, point, 1, "--once") as process:
        died_there(process, point)
    now = read_manifest(folder)
    assert (now.sequence > before.sequence) == HOLDS[name]
    assert is_whole(folder, now)
    if name != "after-freezing":
        assert found(published) != names(published, now), "it died without leaving anything half"
    assert reader.seen <= {before.sequence, now.sequence}
    after = publish_once(published)
    assert after.sequence == before.sequence + (1 if HOLDS[name] else 2)  # no name twice
    assert (is_whole(folder, after), after.as_of) == (True, NOON + 9 * DAY)
    assert found(published) == names(published, after)
    require_days(published, after)


def test_what_was_half_before_the_first_publication_is_cleared_away(local: Settings) -> None:
    snapshot_of(local, country())
    with victim(local, "publisher:before-manifest", 1, "--once") as process:
        died_there(process, "publisher:before-manifest")
    assert not manifest_path(local.published_dir).exists()
    manifest = publish_once(local)
    assert manifest.kept == [manifest.publication_id]
    assert found(local) == names(local, manifest)


def test_a_damaged_file_is_published_again_though_nothing_is_new(local: Settings) -> None:
    snapshot_of(local, country())
    first = publish_once(local)
    (local.published_dir / first.files[0].name).write_bytes(b"damaged")
    assert publish_once(local).sequence == 2
    (local.published_dir / read_manifest(local.published_dir).files[1].name).unlink()
    third = publish_once(local)
    assert (third.sequence, is_whole(local.published_dir, third)) == (3, True)
    assert publish_once(local).sequence == 3
