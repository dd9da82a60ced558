"""Every figure that the warehouse and the published files hold, to be compared with the truth."""

from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, read_manifest
from warehouse.reader import open_published
from warehouse.sql import query
from warehouse.store import first_line

Figure = tuple[str, str, str, str, int]
"""what, teacher, programme, place, amount: see queries/proof_*.sql; "" where there is none."""


def state_figures(warehouse: Path) -> list[Figure]:
    """The current state and the days. Raises WarehouseError: a loader has the file, or there is
    none.
    """
    return _read(warehouse, "proof_state")


def ledger_figures(warehouse: Path) -> list[Figure]:
    """What the ledger alone adds up to. Raises as `state_figures`."""
    return _read(warehouse, "proof_ledger")


def _read(path: Path, name: str) -> list[Figure]:
    try:
        with duckdb.connect(path, read_only=True) as db:
            db.execute("SET TimeZone = 'Asia/Shanghai'")
            return db.execute(query(name)).fetchall()
    except duckdb.Error as error:
        raise WarehouseError(f"cannot read the warehouse {path}: {first_line(error)}") from error


def published_figures(published: Path) -> list[Figure]:
    """The figures of all provinces' files and of the national one.

    Raises:
        WarehouseError: nothing is published, or a file is not the one published.
    """
    manifest = read_manifest(published)
    found: list[Figure] = []
    for file in manifest.files:
        name = "proof_national" if file.region == NATIONAL else "proof_province"
        with open_published(published, manifest, file.region) as db:
            found += db.execute(query(name)).fetchall()
    return found
