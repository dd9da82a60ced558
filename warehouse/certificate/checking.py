"""Is this number a certificate's? As of the last publication, and nothing about anybody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.certificate.issuing import provinces
from warehouse.certificate.number import code, read
from warehouse.manifest import read_manifest
from warehouse.reader import open_published
from warehouse.sql import query

ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Named:
    """The certificate that has the number; `holds` is False once it was taken back."""

    programme_name: str
    teacher_id: str
    day: date
    holds: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`named` None: no certificate ever had this number. `as_of`: epoch ms."""

    named: Named | None
    as_of: int


def check(published: Path, secret: bytes, number: str, teacher_id: str | None = None) -> Answer:
    """What the number stands for. It tells nothing of whose it is, so all certificates are gone
    through, about 3 µs each, until it is found; or only those of the teacher it is said to be of.

    Raises:
        MistypedError: it cannot be a number as it was printed; nothing is read then.
        WarehouseError: nothing or something broken is published.
    """
    wanted = read(number)
    manifest = read_manifest(published)
    for province in provinces(manifest):
        with open_published(published, manifest, province) as db:
            for programme_id, whose, day, holds in _certificates(db, teacher_id):
                if code(secret, programme_id, whose, day) == wanted:
                    name = _name(db, programme_id)
                    return Answer(Named(name, whose, day, holds), manifest.as_of)
    return Answer(None, manifest.as_of)


def _certificates(
    db: DuckDBPyConnection, teacher_id: str | None
) -> Iterator[tuple[str, str, date, bool]]:
    sql = query("certificate_days").format(due=query("certificate_due"))
    found = db.execute(sql, {"teacher_id": teacher_id})
    while rows := found.fetchmany(ROWS):
        yield from rows


def _name(db: DuckDBPyConnection, programme_id: str) -> str:
    row = db.execute(
        "SELECT name FROM programmes WHERE programme_id = ?", [programme_id]).fetchone()
    return row[0] if row else programme_id
