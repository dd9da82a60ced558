"""Frozen days: the last publication of each day, kept for ever in a folder of its own.

Such a folder is like the one of published files, with a manifest that says as-of time, offsets and
sums (rule 22). Names are left out: what is kept for ever holds no more of a person than it must.
"""

import os
import re
import shutil
from pathlib import Path

from warehouse import publications
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest, manifest_path
from warehouse.snapshot import replaced, sync_folder

DAYS = "daily"


def frozen(published: Path) -> list[str]:
    """The days that are kept, like 2023-07-20, the last one first."""
    if not (published / DAYS).is_dir():
        return []
    found = (path.name for path in (published / DAYS).iterdir())
    return sorted((name for name in found if re.fullmatch(r"\d{4}-\d\d-\d\d", name)), reverse=True)


def day_folder(published: Path, day: str) -> Path:
    """The folder of a frozen day.

    Raises:
        WarehouseError: no publication of that day is kept.
    """
    days = frozen(published)
    if day not in days:
        some = f"{', '.join(days[:7])}{' …' if len(days) > 7 else ''}"
        raise WarehouseError(f"no publication of {day} is kept: there are {some or 'none yet'}")
    return published / DAYS / day


def freeze(published: Path, last: Manifest) -> None:
    """Keep the publication as its day's, unless one is kept already: that one never changes.

    Its files are linked, not copied. One that was damaged meanwhile is not kept.

    Raises:
        OSError: the disk is full or fails; nothing half stays.
    """
    folder = published / DAYS / last.local_day
    if folder.exists() or not publications.is_whole(published, last):
        return
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for file in (*last.files, *last.counties):
        os.link(published / file.name, temporary / file.name)
    _write(temporary, last.model_copy(update={"names": [], "kept": [last.publication_id]}))
    temporary.rename(folder)
    sync_folder(folder.parent)
    sync_folder(published)


def _write(folder: Path, manifest: Manifest) -> None:
    with replaced(manifest_path(folder)) as file:
        file.write(manifest.model_dump_json(indent=1).encode())
