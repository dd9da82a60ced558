"""Whose certificate it is: from the published files, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from warehouse.certificate.entitlement import day_of, due_at
from warehouse.certificate.number import code, written
from warehouse.certificate.words import chinese_hours
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL, Manifest, read_manifest
from warehouse.reader import name_of, open_published
from warehouse.sql import query


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says; `number` as printed, `hours` exact; `name` None: not known."""

    number: str
    teacher_id: str
    name: str | None
    programme_name: str
    hours: Fraction
    day: date
    publication_id: str
    as_of: int


class Standing(NamedTuple):
    """A row of certificate_teacher.sql; moments in epoch ms, `recognised` in seconds."""

    programme_id: str
    name: str
    seconds_per_hour: int
    enrolled: bool
    completed_at: int | None
    verified: bool
    verified_at: int | None
    recognised: int

    @property
    def due_at(self) -> int | None:
        return due_at(self.completed_at, self.verified, self.verified_at)


def certificate(
    published: Path, secret: bytes, teacher_id: str, programme_id: str | None = None
) -> Certificate:
    """The teacher's certificate as of the last publication. `programme_id` None means the only
    one that a certificate is due for.

    Raises:
        WarehouseError: nothing or something broken is published, or no such certificate is due;
            the message says what is missing.
    """
    manifest = read_manifest(published)
    for province in provinces(manifest):
        with open_published(published, manifest, province) as db:
            found = db.execute(query("certificate_teacher"), {"teacher_id": teacher_id}).fetchall()
            if found:
                standing = _chosen([Standing(*row) for row in found], teacher_id, programme_id)
                made = _certificate(db, manifest, secret, teacher_id, standing)
                return replace(made, name=name_of(published, manifest, province, teacher_id))
    raise WarehouseError(
        f"no published roster has a teacher {teacher_id}: look at the account id, and whether "
        "their school is on the roster of schools")


def provinces(manifest: Manifest) -> list[str]:
    """The codes of all provinces that are published."""
    return [file.region for file in manifest.files if file.region != NATIONAL]


def _chosen(standings: Sequence[Standing], teacher_id: str, programme_id: str | None) -> Standing:
    if programme_id is not None:
        return _named(standings, programme_id)
    due = [one for one in standings if one.due_at is not None]
    if len(due) > 1:
        ids = ", ".join(one.programme_id for one in due)
        raise WarehouseError(
            f"{teacher_id} has certificates of several programmes, say which with --programme: "
            f"{ids}")
    return due[0] if due else standings[0]


def _named(standings: Sequence[Standing], programme_id: str) -> Standing:
    for one in standings:
        if one.programme_id == programme_id:
            return one
    ids = ", ".join(one.programme_id for one in standings)
    raise WarehouseError(f"no programme {programme_id} is published: there are {ids}")


def _certificate(
    db: DuckDBPyConnection, manifest: Manifest, secret: bytes, teacher_id: str, own: Standing
) -> Certificate:
    if own.due_at is None:
        why = " and ".join(_lacking(db, teacher_id, own))
        raise WarehouseError(
            f"no certificate of {own.programme_id} for {teacher_id} as of "
            f"{manifest.as_of_local}: {why}")
    day = day_of(own.due_at)
    return Certificate(
        number=written(code(secret, own.programme_id, teacher_id, day)),
        teacher_id=teacher_id, name=None, programme_name=own.name,
        hours=Fraction(own.recognised, own.seconds_per_hour), day=day,
        publication_id=manifest.publication_id, as_of=manifest.as_of,
    )


def _lacking(db: DuckDBPyConnection, teacher_id: str, own: Standing) -> list[str]:
    """Everything that is missing, so that nobody comes back for the next reason."""
    lacking = []
    if own.completed_at is None:
        lacking.append(_incomplete(db, teacher_id, own))
    if not own.verified:
        lacking.append("the identity is not verified (审核认证)")
    return lacking


def _incomplete(db: DuckDBPyConnection, teacher_id: str, own: Standing) -> str:
    """Whoever has every hour and still has not completed is held: nothing else can be (13)."""
    if not own.enrolled:
        return "not enrolled (报名)"
    missing = db.execute(query("certificate_missing"), {
        "teacher_id": teacher_id, "programme_id": own.programme_id}).fetchall()
    if not missing:
        return "completion is held by a decision, in effect until that is reversed"
    hours = [f"{name} {chinese_hours(_rounded_up(lacking, own.seconds_per_hour))}"
             for name, lacking in missing]
    return f"not completed, still to be credited: {', '.join(hours)}"


def _rounded_up(seconds: int, seconds_per_hour: int) -> Fraction:
    """Hours to the hundredth: who learns as much more has enough."""
    return Fraction(-(-seconds * 100 // seconds_per_hour), 100)
