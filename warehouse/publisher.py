"""The publisher: from the loader's snapshot to one file a province and a national one, names
apart from figures, and a Parquet file a county.

Files have versioned names; the manifest, replaced last and in one step, says which of them
belong together. A reader that follows it never sees half a publication.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypedDict

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.clock import now_ms
from pipeline.settings import Settings
from warehouse import publications
from warehouse.counties import counties
from warehouse.days import freeze
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest, Offset, PublishedFile, manifest_path
from warehouse.published import write
from warehouse.quality import CheckFailedError, Finding, findings, require_good
from warehouse.snapshot import ask, replaced, sync_folder
from warehouse.sql import query
from warehouse.store import first_line, locked
from warehouse.telling import GOOD, Publishing

log = logging.getLogger(__name__)

SNAPSHOT_PATIENCE_S = 30.0
RETRY_S = 5.0
FAILED = "not published, the last good publication stays"


class StoppedError(Exception):
    """Told to stop: what was begun is left as it is, the next publication clears it away."""


def publish_for_ever(settings: Settings, stop: Event, telling: Publishing | None = None) -> None:
    """Publish every `publish_seconds` until `stop` is set; a publication under way is then given
    up at the next file. What fails is told and soon tried again: the last good one stays. What is
    done is counted in `telling`.

    Raises:
        WarehouseError: another publisher is at work.
    """
    telling = telling or Publishing()
    with _alone(settings):
        while not stop.is_set():
            begun = time.monotonic()
            result = _attempt(settings, stop, telling)
            telling.attempted(result, time.monotonic() - begun)
            soon = min(RETRY_S, settings.publish_seconds)
            stop.wait(settings.publish_seconds if result in GOOD else soon)


def _attempt(settings: Settings, stop: Event, telling: Publishing) -> str:
    """One of telling.RESULTS; what did not work is in the log."""
    try:
        before = publications.last(settings.published_dir)
        made = _publish(settings, stop, telling)
        return "nothing_new" if made == before else "published"
    except StoppedError:
        log.info("stopped in the middle, the last good publication stays")
        return "stopped"
    except CheckFailedError as error:
        log.error("%s", error.for_log)
        return "check_failed"
    except (WarehouseError, OSError) as error:
        log.error("%s: %s", FAILED, error)
    except duckdb.Error as error:
        log.error("%s: DuckDB: %s", FAILED, first_line(error))
    return "failed"


def publish_once(settings: Settings) -> Manifest:
    """Publish what the warehouse has now; the manifest that holds afterwards.

    Raises:
        CheckFailedError: a check failed; the last good publication stays.
        WarehouseError: there is no snapshot, or another publisher is at work.
        OSError, duckdb.Error: the disk is full or fails; the last good publication stays.
    """
    with _alone(settings):
        return _publish(settings, Event(), Publishing())


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    with locked(settings.published_dir / "publisher.lock", "publisher"):
        yield


def _publish(settings: Settings, stop: Event, telling: Publishing) -> Manifest:
    folder = settings.published_dir
    last = publications.last(folder)
    if not ask(settings, SNAPSHOT_PATIENCE_S, stop):
        log.warning("no loader answers: publishing its last snapshot")
    with _snapshot(settings) as db:
        as_of = _as_of(db)
        if last is not None and last.as_of == as_of and publications.is_whole(folder, last):
            publications.clean(folder, last.kept)
            log.info("nothing new since publication %s", last.publication_id)
            return last
        publications.require_not_behind(last, _offsets(db))
        with _nothing_half(folder, publications.earlier(folder, last)) as earlier:
            manifest = _write_files(settings, db, earlier, _checked(db, telling), stop)
    _switch(settings, last, manifest)
    log.info("published %s: %d files", manifest.publication_id, len(manifest.all_files))
    return manifest


@contextmanager
def _snapshot(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """A connection whose current database is the snapshot, read-only."""
    path = settings.snapshot_path
    if not path.exists():
        raise WarehouseError(f"no snapshot {path} to publish: start `xueshi loader` first")
    # What does not fit into memory goes beside the snapshot, not into whatever folder this runs in.
    spill = str(path.with_name("spill"))
    with duckdb.connect(config={"temp_directory": spill}) as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        _attach(db, path)
        db.execute("USE snapshot")
        yield db


def _attach(db: DuckDBPyConnection, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    try:
        db.execute(f"ATTACH '{quoted}' AS snapshot (READ_ONLY)")
    except duckdb.Error as error:
        raise WarehouseError(f"cannot read the snapshot {path}, a running loader makes a new one: "
                             f"{first_line(error)}") from error


def _as_of(db: DuckDBPyConnection) -> int:
    row = db.execute("SELECT epoch_ms(as_of) FROM loaded").fetchone()
    if row is None:
        raise WarehouseError("the snapshot is empty: wait until the loader has landed something")
    return int(row[0])


def checked(settings: Settings) -> list[Finding]:
    """What the checks of a publication find in the last snapshot."""
    with _snapshot(settings) as db:
        return _findings(db)


def _checked(db: DuckDBPyConnection, telling: Publishing) -> list[Finding]:
    found = _findings(db)
    telling.checked(found, now_ms())
    for finding in found:
        log.warning("%s", finding.for_log())
    require_good(found)
    return found


def _findings(db: DuckDBPyConnection) -> list[Finding]:
    """Make the tables of the publication, and check them."""
    db.execute("SET VARIABLE as_of = (SELECT as_of FROM loaded)")
    db.execute(query("publication"))
    return findings(db)


@contextmanager
def _nothing_half(folder: Path, earlier: list[str]) -> Iterator[list[str]]:
    """Leave only these publications if the block fails: what is half would hold the space that
    a full disk lacks.
    """
    try:
        yield earlier
    except BaseException:
        publications.clean(folder, earlier)
        raise


def _write_files(
    settings: Settings, db: DuckDBPyConnection, earlier: list[str], found: list[Finding],
    stop: Event,
) -> Manifest:
    folder = settings.published_dir
    sequence = publications.next_sequence(folder, earlier)
    publications.clean(folder, earlier)  # what a publisher that died has left
    local, stamp = _local(db)
    publication = f"{stamp}-{sequence:06}"
    db.execute("SET VARIABLE publication_id = ?::VARCHAR", [publication])
    return Manifest(
        publication_id=publication,
        sequence=sequence,
        as_of=_as_of(db),
        as_of_local=local,
        offsets=_offsets(db),
        warnings=[finding.without_ids() for finding in found],
        **_files(db, folder, publication, stop),
        kept=[*earlier, publication][-settings.keep_publications:],
    )


def _local(db: DuckDBPyConnection) -> tuple[str, str]:
    """As-of time in Asia/Shanghai: to read, and as the beginning of the publication's id."""
    row = db.execute("""
        SELECT strftime(as_of, '%Y-%m-%dT%H:%M:%S+08:00'), strftime(as_of, '%Y%m%dT%H%M%S')
        FROM loaded""").fetchone()
    return row if row else ("", "")


def _offsets(db: DuckDBPyConnection) -> list[Offset]:
    rows = db.execute(
        "SELECT topic, kafka_partition, next_offset FROM kafka_offsets ORDER BY ALL").fetchall()
    return [Offset(topic=t, partition=p, next_offset=o) for t, p, o in rows]


class _Files(TypedDict):
    """As in Manifest."""

    files: list[PublishedFile]
    names: list[PublishedFile]
    counties: list[PublishedFile]


def _files(
    db: DuckDBPyConnection, folder: Path, publication: str, stop: Event
) -> _Files:
    made = _Files(files=[], names=[], counties=[])
    for province, named in db.execute(query("publication_provinces")).fetchall():
        _require_time(stop)
        name = f"{province}-{publication}.duckdb"
        made["files"].append(write(db, folder, name, province, "province"))
        if named:
            made["names"].append(write(db, folder, f"names-{name}", province, "names"))
        _require_time(stop)
        made["counties"] += counties(db, folder, province, publication)
    _require_time(stop)
    national = f"national-{publication}.duckdb"
    made["files"].append(write(db, folder, national, NATIONAL, "national"))
    return made


def _require_time(stop: Event) -> None:
    if stop.is_set():
        raise StoppedError


def _switch(settings: Settings, last: Manifest | None, manifest: Manifest) -> None:
    """Let the manifest hold, then take away what no kept publication needs. The last one of a
    day that is over is frozen before.
    """
    folder = settings.published_dir
    if last is not None and last.local_day < manifest.local_day:
        freeze(folder, last)
    sync_folder(folder)  # the files' names must be on disk before a manifest that names them
    with replaced(manifest_path(folder)) as file:
        file.write(manifest.model_dump_json(indent=1).encode())
    publications.clean(folder, manifest.kept)
