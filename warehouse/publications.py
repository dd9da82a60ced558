"""What lies in the folder of published files: which publication holds, and what is left over."""

import logging
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, Offset, manifest_path, publication_of, read_manifest
from warehouse.published import sha256

log = logging.getLogger(__name__)

# With what DuckDB puts beside a file that it writes: `.….duckdb.tmp.wal`.
TEMPORARY = r"\.(manifest\.json|.+\.duckdb|.+\.parquet)\.tmp(\..+)?"


def last(published: Path) -> Manifest | None:
    """The publication that holds now; a broken manifest is replaced by the next one."""
    if not manifest_path(published).exists():
        return None
    try:
        return read_manifest(published)
    except WarehouseError as error:
        log.warning("%s", error)
        return None


def is_whole(published: Path, manifest: Manifest) -> bool:
    """Whether every file of the publication is there, and is the one that was published."""
    paths = [(published / file.name, file) for file in manifest.all_files]
    return all(path.is_file() and sha256(path) == file.sha256 for path, file in paths)


def require_not_behind(holds: Manifest | None, offsets: Iterable[Offset]) -> None:
    """What was published is not taken back: a warehouse that was restored, or is loaded anew, has
    to catch up first.

    Raises:
        WarehouseError: the warehouse has read less of a topic than what is published.
    """
    read = {(one.topic, one.partition): one.next_offset for one in offsets}
    for was in holds.offsets if holds else ():
        now = read.get((was.topic, was.partition), was.next_offset)
        if now < was.next_offset:
            raise WarehouseError(
                f"the warehouse has read {was.topic}[{was.partition}] to {now}, the publication "
                f"to {was.next_offset}: publishing goes on when the loader has caught up. Were the "
                "topics made anew, move the folder of published files away")


def earlier(published: Path, holds: Manifest | None) -> list[str]:
    """The publications to keep for those who still read them, the newest last: as the manifest
    says; all there are if it is broken; none before the first, for then all are halves.
    """
    if holds is not None:
        return holds.kept
    return sorted(names(published)) if manifest_path(published).exists() else []


def next_sequence(published: Path, known: Sequence[str]) -> int:
    """The number of the next publication; a name that was used, and be it for a file that was
    never finished, is not used again.
    """
    return 1 + max((int(name[-6:]) for name in [*names(published), *known]), default=0)


def names(published: Path) -> set[str]:
    """The publications of which there is any file, whole or temporary."""
    found = (publication_of(_final(path.name)) for path in published.iterdir())
    return {name for name in found if name}


def clean(published: Path, kept: Sequence[str]) -> None:
    """Take away what no kept publication needs. Only the one publisher may call this, and only
    while it writes nothing: any temporary file is then a dead one's.
    """
    for path in published.iterdir():
        publication = publication_of(path.name)
        if path.is_dir() and _is_temporary(path.name):
            shutil.rmtree(path)
        elif _is_temporary(path.name) or (publication and publication not in kept):
            path.unlink()


def _is_temporary(name: str) -> bool:
    return re.fullmatch(TEMPORARY, name) is not None


def _final(name: str) -> str:
    """What the file would have been called once it was finished."""
    return re.sub(r"^\.|\.tmp(\..+)?$", "", name)
