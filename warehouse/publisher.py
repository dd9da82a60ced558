"""The publisher: from the loader's snapshot to one file a province and a national one.

Files have versioned names; the manifest, replaced last and in one step, says which of them
belong together. A reader that follows it never sees half a publication.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import duckdb
from duckdb import DuckDBPyConnection

from pipeline.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.manifest import (
    NATIONAL,
    Manifest,
    Offset,
    PublishedFile,
    manifest_path,
    publication_of,
    read_manifest,
)
from warehouse.published import write
from warehouse.quality import Finding, findings, require_good
from warehouse.snapshot import ask, replaced, sync_folder
from warehouse.sql import query
from warehouse.store import first_line, locked

log = logging.getLogger(__name__)

SNAPSHOT_PATIENCE_S = 30.0
RETRY_S = 5.0


def publish_for_ever(settings: Settings, stop: Event) -> None:
    """Publish every `publish_seconds` until `stop` is set. What fails is told and soon tried
    again: the last good publication stays.

    Raises:
        WarehouseError: another publisher is at work.
    """
    with _alone(settings):
        while not stop.is_set():
            soon = min(RETRY_S, settings.publish_seconds)
            stop.wait(settings.publish_seconds if _published(settings) else soon)


def _published(settings: Settings) -> bool:
    """Whether it worked; what did not is in the log."""
    try:
        _publish(settings)
    except (WarehouseError, OSError) as error:
        log.error("%s", error)
    except duckdb.Error as error:
        log.error("not published: DuckDB: %s", first_line(error))
    else:
        return True
    return False


def publish_once(settings: Settings) -> Manifest:
    """Publish what the warehouse has now; the manifest that holds afterwards.

    Raises:
        CheckFailedError: a check failed; the last good publication stays.
        WarehouseError: there is no snapshot, or another publisher is at work.
        OSError, duckdb.Error: the disk is full or fails; the last good publication stays.
    """
    with _alone(settings):
        return _publish(settings)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    with locked(settings.published_dir / "publisher.lock", "publisher"):
        yield


def _publish(settings: Settings) -> Manifest:
    if not ask(settings, SNAPSHOT_PATIENCE_S):
        log.warning("no loader answers: publishing its last snapshot")
    last = _last(settings.published_dir)
    with _snapshot(settings) as db:
        as_of = _as_of(db)
        if last is not None and last.as_of == as_of:
            log.info("nothing new since publication %s", last.publication_id)
            return last
        found = _checked(db)
        manifest = _write_files(settings, db, last, as_of, found)
    _switch(settings, manifest)
    log.info("published %s: %d files", manifest.publication_id, len(manifest.files))
    return manifest


def _last(published: Path) -> Manifest | None:
    """The publication that holds now; a broken manifest is replaced by the next one."""
    if not manifest_path(published).exists():
        return None
    try:
        return read_manifest(published)
    except WarehouseError as error:
        log.warning("%s", error)
        return None


@contextmanager
def _snapshot(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """A connection whose current database is the snapshot, read-only."""
    path = settings.snapshot_path
    if not path.exists():
        raise WarehouseError(f"no snapshot {path} to publish: start `xueshi loader` first")
    with duckdb.connect() as db:
        quoted = str(path).replace("'", "''")
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        db.execute(f"ATTACH '{quoted}' AS snapshot (READ_ONLY)")
        db.execute("USE snapshot")
        yield db


def _as_of(db: DuckDBPyConnection) -> int:
    row = db.execute("SELECT epoch_ms(as_of) FROM loaded").fetchone()
    if row is None:
        raise WarehouseError("the snapshot is empty: wait until the loader has landed something")
    return int(row[0])


def checked(settings: Settings) -> list[Finding]:
    """What the checks of a publication find in the last snapshot."""
    with _snapshot(settings) as db:
        return _findings(db)


def _checked(db: DuckDBPyConnection) -> list[Finding]:
    found = _findings(db)
    for finding in found:
        log.warning("%s", finding)
    require_good(found)
    return found


def _findings(db: DuckDBPyConnection) -> list[Finding]:
    """Make the tables of the publication, and check them."""
    db.execute("SET VARIABLE as_of = (SELECT as_of FROM loaded)")
    db.execute(query("publication"))
    return findings(db)


def _write_files(
    settings: Settings, db: DuckDBPyConnection, last: Manifest | None, as_of: int,
    found: list[Finding],
) -> Manifest:
    folder = settings.published_dir
    earlier = last.kept if last else sorted(_publications(folder))
    sequence = 1 + max((int(known[-6:]) for known in [*_publications(folder), *earlier]), default=0)
    _clean(folder, earlier)  # what a publication that failed has left
    local, stamp = _local(db)
    publication = f"{stamp}-{sequence:06}"
    db.execute("SET VARIABLE publication_id = ?::VARCHAR", [publication])
    return Manifest(
        publication_id=publication,
        sequence=sequence,
        as_of=as_of,
        as_of_local=local,
        offsets=_offsets(db),
        warnings=[finding.without_ids() for finding in found],
        files=list(_files(db, folder, publication)),
        kept=[*earlier, publication][-settings.keep_publications:],
    )


def _publications(folder: Path) -> set[str]:
    names = (publication_of(path.name) for path in folder.iterdir())
    return {name for name in names if name}


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


def _files(db: DuckDBPyConnection, folder: Path, publication: str) -> Iterator[PublishedFile]:
    provinces = db.execute(
        "SELECT DISTINCT left(region, 2) || '0000' FROM schools ORDER BY 1").fetchall()
    for (province,) in provinces:
        name = f"{province}-{publication}.duckdb"
        yield write(db, folder, name, province, "publish_province")
    yield write(db, folder, f"national-{publication}.duckdb", NATIONAL, "publish_national")


def _switch(settings: Settings, manifest: Manifest) -> None:
    """Let the manifest hold, then take away what no kept publication needs."""
    folder = settings.published_dir
    sync_folder(folder)  # the files' names must be on disk before a manifest that names them
    with replaced(manifest_path(folder)) as file:
        file.write(manifest.model_dump_json(indent=1).encode())
    _clean(folder, manifest.kept)


def _clean(folder: Path, kept: Sequence[str]) -> None:
    for path in folder.iterdir():
        publication = publication_of(path.name.removeprefix(".").removesuffix(".tmp"))
        if publication and publication not in kept:
            path.unlink()
