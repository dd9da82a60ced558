"""Regions and schools as pages: where they are, what they are called, what they count."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple
from urllib.parse import quote

from pipeline.rules import regions
from warehouse.dashboard.door import Reading, may_see
from warehouse.dashboard.errors import UnknownError
from warehouse.figures import Figures, Programme, Row
from warehouse.manifest import NATIONAL
from warehouse.sql import query

COUNTRY = "全国"

Kind = Literal["country", "province", "city", "county", "school"]


class Crumb(NamedTuple):
    """A step of the way from the account's own region to the page."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Place:
    """A region, or a school: then `code` is its id and `region` the region it belongs to."""

    kind: Kind
    code: str
    name: str
    region: str

    @property
    def href(self) -> str:
        return school_href(self.code) if self.kind == "school" else region_href(self.code)

    @property
    def prefix(self) -> str:
        """The digits that the codes of all its regions begin with."""
        return "" if self.region == NATIONAL else regions.prefix(self.region)


def region_href(code: str) -> str:
    return f"/regions/{code}"


def school_href(school_id: str) -> str:
    return f"/schools/{quote(school_id, safe='')}"


def teacher_href(teacher_id: str) -> str:
    return f"/teachers/{quote(teacher_id, safe='')}"


class Map:
    """The regions that a reading has, by their codes."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @cached_property
    def names(self) -> dict[str, str]:
        """Names by code, of every region of the edition."""
        rows = self._reading.db.execute(query("report_regions"), {"prefix": ""}).fetchall()
        return dict(rows)

    def inside(self, prefix: str) -> dict[str, str]:
        """Names by code, of the regions whose codes begin so."""
        return {code: name for code, name in self.names.items() if code.startswith(prefix)}

    def name(self, code: str) -> str:
        return COUNTRY if code == NATIONAL else self.names.get(code, code)

    def place(self, code: str) -> Place:
        """The region as a place, whether or not the edition knows it."""
        kind: Kind = "country" if code == NATIONAL else regions.level(code)
        return Place(kind, code, self.name(code), code)

    def crumbs(self, code: str) -> list[Crumb]:
        """The way to the region from the account's own, both ends included."""
        way = (code,) if code == NATIONAL else (NATIONAL, *regions.ancestors(code), code)
        seen = [step for step in way if may_see(self._reading.account, step)]
        return [Crumb(self.name(step), region_href(step)) for step in seen]


def region_place(reading: Reading, code: str) -> Place:
    """The region of that code, if the edition has it or any school in it.

    Raises:
        UnknownError: it has neither; a region that the account owns is there, even if empty.
    """
    place = Map(reading).place(code)
    if code in (NATIONAL, reading.account.region) or code in Map(reading).names:
        return place
    with_teachers = reading.db.execute(
        "SELECT 1 FROM totals WHERE starts_with(region, ?) LIMIT 1", [place.prefix]).fetchone()
    if with_teachers is None:
        raise UnknownError
    return place


def school_place(reading: Reading, school_id: str) -> Place:
    """The school of that id.

    Raises:
        UnknownError: the edition has no such school; the country's has none.
    """
    if reading.national:
        raise UnknownError
    row = reading.db.execute(query("dashboard_school"), {"school_id": school_id}).fetchone()
    if row is None:
        raise UnknownError
    return Place("school", row[0], row[1], row[2])


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """What a place counts in all, and the places directly below it in the order of codes.

    `outside`: for the country, learners who are on no roster; no total has them.
    """

    total: Row
    below: tuple[Row, ...]
    outside: tuple[Row, ...] = ()


def figures(reading: Reading, programme: Programme, place: Place) -> PlaceFigures:
    """The same figures as `xueshi report` gives, made by the same code."""
    if place.kind == "school":
        return PlaceFigures(_school(reading, programme, place), ())
    if reading.national and _is_seat(reading, place):
        return PlaceFigures(_from_above(reading, programme, place), ())
    made = Figures(reading.db, programme, place.prefix, place.code,
                   Map(reading).inside(place.prefix))
    rows = tuple(made.rows())
    return PlaceFigures(made.total(rows), rows, tuple(made.not_on_roster()))


def _school(reading: Reading, programme: Programme, place: Place) -> Row:
    """Without names of regions, Figures lists the schools of exactly this region."""
    rows = Figures(reading.db, programme, place.region, place.region, {}).rows()
    return next(row for row in rows if row.code == place.code)


def _is_seat(reading: Reading, place: Place) -> bool:
    """Whether schools belong to the place itself: the country's file says nothing below it."""
    below = Map(reading).inside(place.prefix)
    return place.kind == "county" or (place.kind == "city" and set(below) <= {place.code})


def _from_above(reading: Reading, programme: Programme, place: Place) -> Row:
    """The place's own line among those of the region above it."""
    above = regions.ancestors(place.code)[-1]
    prefix = regions.prefix(above)
    made = Figures(reading.db, programme, prefix, above, Map(reading).inside(prefix))
    found = [row for row in made.rows() if row.code == place.code]
    return found[0] if found else made.total(())
