"""Teachers with where they stand in a programme: which of them, as conditions of SQL.

A province may have a million teachers. Joining them all to their progress takes half a second of
a core, so a page is made in steps: which schools it falls into, where the order is that of
schools; which teachers; and then everything about those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from warehouse.dashboard.door import Reading
from warehouse.dashboard.places import Place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.scope import scope
from warehouse.sql import query

# By whether names may be shown: who may not see them cannot search for them either.
SEARCH = {
    False: "contains(lower(teachers.teacher_id), lower($search))",
    True: "(contains(lower(teachers.teacher_id), lower($search)) OR teachers.teacher_id IN"
          " (SELECT teacher_id FROM named.names WHERE contains(lower(name), lower($search))))",
}


NAME = "(SELECT any_value(name) FROM named.names WHERE names.teacher_id = teachers.teacher_id)"


def name_of(named: bool) -> str:
    """The expression for a teacher's name; NULL where names are not there for the account."""
    return NAME if named else "NULL::VARCHAR"


@dataclass(frozen=True, slots=True)
class Standing:
    """`teachers` and `progress`: which rows of these tables; `asked`: the parameters they name."""

    named: bool
    teachers: str
    progress: str
    asked: dict[str, Any]

    @property
    def sql(self) -> str:
        """The rows of dashboard_standing."""
        return query("dashboard_standing").format(
            name=name_of(self.named),
            scope=self.teachers, progress_scope=self.progress)

    def searched(self, text: str) -> "Standing":
        """Of these, those whose id or shown name contains the text, in any case of letters."""
        found = SEARCH[self.named]
        return self._both(
            found, f"progress.teacher_id IN (SELECT teacher_id FROM teachers WHERE {found})",
            {"search": text})

    def among(self, schools: Sequence[str]) -> "Standing":
        """Of these, the teachers of the schools."""
        return self._both("teachers.school_id IN $schools", "progress.school_id IN $schools",
                          {"schools": list(schools)})

    def only(self, teachers: Sequence[str]) -> "Standing":
        """Of these, the teachers of the ids."""
        return self._both("teachers.teacher_id IN $teachers", "progress.teacher_id IN $teachers",
                          {"teachers": list(teachers)})

    def without_progress(self) -> "Standing":
        """The same teachers as if none had any; far cheaper where nobody looks at it."""
        return replace(self, progress="false")

    def _both(self, teachers: str, progress: str, asked: dict[str, Any]) -> "Standing":
        return replace(
            self, teachers=f"{self.teachers} AND {teachers}",
            progress=f"{self.progress} AND {progress}", asked={**self.asked, **asked})


def standing(reading: Reading, chosen: Chosen, place: Place) -> Standing:
    """Every teacher of the place."""
    where = scope(place)
    return Standing(
        reading.names, where.regional.format(table="teachers"),
        where.by_school.format(table="progress"),
        {"programme_id": chosen.programme.id, **where.asked})
