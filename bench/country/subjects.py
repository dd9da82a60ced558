"""Whom the pages and queries are about: the largest province, and in it the largest of each."""

from pathlib import Path
from typing import NamedTuple

import duckdb

from pipeline.settings import Settings
from warehouse.manifest import NATIONAL, read_manifest

LARGEST = """
SELECT {what}, sum(on_roster) AS teachers FROM totals
WHERE starts_with(region, ?) GROUP BY ALL ORDER BY teachers DESC, 1 LIMIT 1
"""


class Subjects(NamedTuple):
    """Codes and ids, the published file of the province, and that of the country."""

    province: str
    city: str
    county: str
    school: str
    teacher: str
    file: Path
    country: Path

    def __getitem__(self, kind: object) -> str:  # type: ignore[override]
        return str(getattr(self, str(kind)))


def subjects(settings: Settings) -> Subjects:
    """Of the publication that holds now."""
    manifest = read_manifest(settings.published_dir)
    folder = settings.published_dir
    largest = max((f for f in manifest.files if f.region != NATIONAL),
                  key=lambda file: file.rows["teachers"])
    country = next(f for f in manifest.files if f.region == NATIONAL)
    with duckdb.connect(folder / largest.name, read_only=True) as db:
        city = _largest(db, "left(region, 4) || '00'", largest.region[:2])
        county = _largest(db, "region", city[:4])
        school = _largest(db, "school_id", county)
        found = db.execute("SELECT max(teacher_id) FROM teachers WHERE school_id = ?",
                           [school]).fetchone()
    return Subjects(largest.region, city, county, school, str(found[0]) if found else "",
                    folder / largest.name, folder / country.name)


def _largest(db: duckdb.DuckDBPyConnection, what: str, inside: str) -> str:
    found = db.execute(LARGEST.format(what=what), [inside]).fetchone()
    assert found is not None
    return str(found[0])
