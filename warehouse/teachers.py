"""Figures of single teachers from the published files, to be compared with another source."""

from pathlib import Path
from typing import NamedTuple

from warehouse.manifest import NATIONAL, read_manifest
from warehouse.reader import open_published
from warehouse.sql import query


class TeacherFigures(NamedTuple):
    """Whole seconds. `courses`: (teacher, programme, course) → (learned, credited);
    `recognised`: (teacher, programme) → seconds (rule 13).
    """

    courses: dict[tuple[str, str, str], tuple[int, int]]
    recognised: dict[tuple[str, str], int]


def published_teachers(published: Path) -> TeacherFigures:
    """Every teacher of every province's file; those who are on no roster are in none.

    Raises:
        WarehouseError: nothing is published, or a file is not the one published.
    """
    manifest = read_manifest(published)
    found = TeacherFigures({}, {})
    for file in manifest.files:
        if file.region != NATIONAL:
            with open_published(published, manifest, file.region) as db:
                for teacher, programme, course, *both in db.execute(
                        query("course_figures")).fetchall():
                    found.courses[teacher, programme, course] = (both[0], both[1])
                for teacher, programme, recognised in db.execute(
                        query("recognised_figures")).fetchall():
                    found.recognised[teacher, programme] = recognised
    return found


def refusals(published: Path) -> dict[str, int]:
    """Refused events by reason code, as of the last publication (rule 19)."""
    manifest = read_manifest(published)
    with open_published(published, manifest, NATIONAL) as db:
        return dict(db.execute(query("refusals")).fetchall())
