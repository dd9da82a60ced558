"""The figures of the places below one region, summed from a published file's totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection

from warehouse.manifest import NATIONAL
from warehouse.sql import query

STAGES = ("on_roster", "registered", "enrolled", "started", "completed", "verified", "certificate")

Kind = Literal["region", "school", "unplaced", "total", "not_on_roster"]


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """Seconds of one course, of all teachers of the row's place together.

    `required` is what the course asks of all on the roster; `teachers_reached` counts those
    who have all of it.
    """

    course_id: str
    name: str
    learned: int
    credited: int
    required: int
    teachers_reached: int

    @property
    def reached(self) -> bool | None:
        """Rule 25's blue; None where nothing is required."""
        return self.credited >= self.required if self.required else None


@dataclass(frozen=True, slots=True)
class Row:
    """One place. `stages`: teachers by the names of STAGES, each reached with all before it.

    `verified_at_all` are teachers of the roster with a verified identity, however far they
    are. learned, credited, recognised, required: seconds of all on the roster.
    """

    kind: Kind
    code: str
    name: str
    stages: dict[str, int]
    verified_at_all: int
    learned: int
    credited: int
    recognised: int
    required: int
    courses: tuple[CourseFigures, ...]

    @property
    def reached(self) -> bool | None:
        """Rule 25's blue; None where nothing is required."""
        return self.credited >= self.required if self.required else None


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme reported on; `courses`: (id, name, required seconds of one teacher)."""

    id: str
    name: str
    seconds_per_hour: int
    required: int
    courses: tuple[tuple[str, str, int], ...]


class Figures:
    """The figures of the places below one region."""

    def __init__(
        self, db: DuckDBPyConnection, programme: Programme, prefix: str, code: str,
        names: dict[str, str],
    ) -> None:
        self._db = db
        self._programme = programme
        self._prefix = prefix
        self._code = code
        self._names = names

    def rows(self) -> Iterator[Row]:
        """Every place below the region, also those without teachers."""
        digits = {0: 2, 2: 4, 4: 6}.get(len(self._prefix))
        if digits is None or (digits == 6 and not self._has_counties()):
            yield from self._schools()
        else:
            yield from self._regions(digits)

    def _has_counties(self) -> bool:
        """A few cities have none (441900): their schools are listed as a county's are."""
        return any(not code.endswith("00") for code in self._names)

    def _schools(self) -> Iterator[Row]:
        totals, courses = self._sums("school_id")
        known = self._db.execute(query("report_schools"), {"region": self._code}).fetchall()
        for id_, name, _ in known:
            yield self._row("school", id_, name, totals.get(id_), courses.get(id_, {}))

    def _regions(self, digits: int) -> Iterator[Row]:
        totals, courses = self._sums(f"left(region, {digits})")
        below = {c[:digits] for c in self._names} - {self._code[:digits]}
        for unit in sorted(below | set(totals)):
            code = unit.ljust(6, "0")
            kind: Kind = "region" if unit else "unplaced"
            name = self._names.get(code, code) if unit else "学校未登记"
            if unit == self._prefix.ljust(digits, "0"):
                name += "（直属）"
            yield self._row(kind, code, name, totals.get(unit), courses.get(unit, {}))

    def _sums(
        self, unit: str
    ) -> tuple[dict[str, Sequence[int]], dict[str, dict[str, Sequence[int]]]]:
        asked = {"prefix": self._prefix, "programme_id": self._programme.id}
        totals = self._db.execute(query("report_totals").format(unit=unit), asked).fetchall()
        courses: dict[str, dict[str, Sequence[int]]] = {}
        for row in self._db.execute(
                query("report_course_totals").format(unit=unit), asked).fetchall():
            courses.setdefault(row[0], {})[row[1]] = row[2:]
        return {row[0]: row[1:] for row in totals}, courses

    def _row(
        self, kind: Kind, code: str, name: str, totals: Sequence[int] | None,
        courses: dict[str, Sequence[int]],
    ) -> Row:
        *stages, verified, learned, credited, recognised = totals or [0] * 11
        everybody = stages[0]
        return Row(
            kind, code, name, dict(zip(STAGES, stages, strict=True)),
            verified, learned, credited, recognised, everybody * self._programme.required,
            tuple(self._courses(everybody, courses)),
        )

    def _courses(
        self, everybody: int, sums: dict[str, Sequence[int]]
    ) -> Iterator[CourseFigures]:
        for id_, name, required in self._programme.courses:
            learned, credited, reached = sums.get(id_, (0, 0, 0))
            yield CourseFigures(id_, name, learned, credited, everybody * required, reached)

    def total(self, rows: Sequence[Row]) -> Row:
        """The sum of the rows."""
        return Row(
            kind="total", code=self._code, name="合计",
            stages={stage: sum(row.stages[stage] for row in rows) for stage in STAGES},
            verified_at_all=sum(row.verified_at_all for row in rows),
            learned=sum(row.learned for row in rows),
            credited=sum(row.credited for row in rows),
            recognised=sum(row.recognised for row in rows),
            required=sum(row.required for row in rows),
            courses=tuple(
                self._course_sum(place, [row.courses[place] for row in rows])
                for place in range(len(self._programme.courses))
            ),
        )

    def _course_sum(self, place: int, figures: Sequence[CourseFigures]) -> CourseFigures:
        id_, name, _ = self._programme.courses[place]
        return CourseFigures(
            id_, name, sum(f.learned for f in figures), sum(f.credited for f in figures),
            sum(f.required for f in figures), sum(f.teachers_reached for f in figures),
        )

    def not_on_roster(self) -> Iterator[Row]:
        """For the country: learners whom no roster has (rule 21), if there are any."""
        if self._code != NATIONAL:
            return
        found = self._db.execute(
            query("report_not_on_roster"), {"programme_id": self._programme.id}).fetchone()
        if found is not None:
            _, enrolled, started, completed, learned, credited, recognised = found
            counts = [0, 0, enrolled, started, completed, 0, 0, 0, learned, credited, recognised]
            yield self._row("not_on_roster", "", "不在名册（未计入合计）", counts, {})
