"""Reading published files: only those that the manifest vouches for, and never writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest, PublishedFile
from warehouse.published import sha256
from warehouse.store import first_line


@contextmanager
def open_published(
    published: Path, manifest: Manifest, region: str
) -> Iterator[DuckDBPyConnection]:
    """The file of a province (its code) or of the country (000000), read-only and locked down:
    no other file, no network, no change of settings.

    Raises:
        WarehouseError: no such file in the publication, or it is not the one published.
    """
    file = manifest.file(region)
    if file is None:
        raise WarehouseError(f"no province {region} is published: there are {_provinces(manifest)}")
    with _opened(published, file) as db:
        yield db


def name_of(published: Path, manifest: Manifest, province: str, teacher_id: str) -> str | None:
    """The teacher's name; None if the school told none. Only for who may see names.

    Raises:
        WarehouseError: the file of names is not the one published.
    """
    file = manifest.names_of(province)
    if file is None:
        return None
    with _opened(published, file) as db:
        row = db.execute("SELECT name FROM names WHERE teacher_id = ?", [teacher_id]).fetchone()
    return row[0] if row else None


@contextmanager
def _opened(published: Path, file: PublishedFile) -> Iterator[DuckDBPyConnection]:
    path = verified(published / file.name, file)
    try:
        db = duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"cannot open {path}: {first_line(error)}") from error
    with db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        db.execute("SET enable_external_access = false")
        db.execute("SET lock_configuration = true")
        yield db


def _provinces(manifest: Manifest) -> str:
    found = [file.region for file in manifest.files if file.region != NATIONAL]
    return ", ".join(found) or "none yet"


def verified(path: Path, file: PublishedFile) -> Path:
    """The path again, of a file that is byte for byte the one published.

    Raises:
        WarehouseError: it is missing, cannot be read, or is another.
    """
    try:
        found = sha256(path)
    except FileNotFoundError:
        raise WarehouseError(
            f"{path} is missing, though the manifest names it: copy it again, or publish again "
            "with `xueshi publisher --once`") from None
    except OSError as error:
        raise WarehouseError(f"cannot read {path}: {error.strerror}") from error
    if found != file.sha256:
        raise WarehouseError(
            f"{path} is not the file that was published (its SHA-256 differs from the "
            "manifest's): copy it again, or publish again with `xueshi publisher --once`")
    return path
