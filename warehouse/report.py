"""A region's report: rule 27's funnel, hours, and credit per course, for each place below it.

Rows come in the order of the codes, never ranked (rule 28). Only published files are read.
"""

from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipeline.rules import regions
from pipeline.rules.regions import RegionError
from warehouse.days import day_folder
from warehouse.errors import WarehouseError
from warehouse.figures import Figures, Programme, Row
from warehouse.manifest import NATIONAL, Manifest, read_manifest
from warehouse.reader import open_published
from warehouse.sql import query

COUNTRY_NAMES = {NATIONAL, "china", "中国", "全国"}

@dataclass(frozen=True, slots=True)
class Report:
    """`rows`: the places below the region, then the total; for the country also a last row of
    learners who are not on the roster, which the total leaves out.
    """

    publication_id: str
    as_of_local: str
    region: str
    region_name: str
    programme: Programme
    rows: tuple[Row, ...]


def report(
    published: Path, region: str, programme_id: str | None = None, day: str | None = None
) -> Report:
    """The report of a county, city or province by code, or of the country (000000, china).

    `programme_id` None means the programme that opened last; `day`, like 2023-07-20, the frozen
    publication of that day (rule 22), None the last one.

    Raises:
        WarehouseError: nothing or something broken is published, or the region or the
            programme is not in it.
    """
    folder = day_folder(published, day) if day else published
    manifest = read_manifest(folder)
    code, prefix = _scope(region)
    province = NATIONAL if code == NATIONAL else regions.province(code)
    with open_published(folder, manifest, province) as db:
        return _report(db, manifest, code, prefix, programme_id)


def _scope(region: str) -> tuple[str, str]:
    """The region's code, and the digits that all codes inside it begin with."""
    if region.lower() in COUNTRY_NAMES:
        return NATIONAL, ""
    try:
        return region, regions.prefix(region)
    except RegionError as error:
        raise WarehouseError(f"{error}; 000000 or china for the country") from error


def _report(
    db: DuckDBPyConnection, manifest: Manifest, code: str, prefix: str, programme_id: str | None
) -> Report:
    names = dict(db.execute(query("report_regions"), {"prefix": prefix}).fetchall())
    programme = _programme(db, programme_id)
    figures = Figures(db, programme, prefix, code, names)
    rows = list(figures.rows())
    if code not in names and code != NATIONAL and not any(r.stages["on_roster"] for r in rows):
        raise WarehouseError(f"region {code} is not known; its province has {_some(db)}")
    return Report(
        publication_id=manifest.publication_id,
        as_of_local=manifest.as_of_local,
        region=code,
        region_name="全国" if code == NATIONAL else names.get(code, code),
        programme=programme,
        rows=(*rows, figures.total(rows), *figures.not_on_roster()),
    )


def _some(db: DuckDBPyConnection) -> str:
    found = db.execute("SELECT region, name FROM regions ORDER BY region").fetchall()
    shown = ", ".join(f"{code} {name}" for code, name in found[:8])
    return f"{shown}{' …' if len(found) > 8 else ''}" or "no regions yet"


def _programme(db: DuckDBPyConnection, wanted: str | None) -> Programme:
    found = {row[0]: row for row in db.execute("""
        SELECT programme_id, name, seconds_per_hour, required
        FROM programmes ORDER BY opens_at DESC, programme_id""").fetchall()}
    if not found or (wanted is not None and wanted not in found):
        raise WarehouseError(
            f"no programme {wanted or ''} is published: there are {', '.join(found) or 'none'}")
    id_, name, per_hour, required = found[wanted or next(iter(found))]
    courses = db.execute(
        "SELECT course_id, name, required FROM courses WHERE programme_id = ? ORDER BY place",
        [id_]).fetchall()
    return Programme(id_, name, per_hour, required, tuple((c, n, r) for c, n, r in courses))
