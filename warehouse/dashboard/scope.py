"""A region or a school as conditions of SQL. Values travel as parameters, never in the text."""

from dataclasses import dataclass
from typing import Any

from warehouse.dashboard.places import Place


@dataclass(frozen=True, slots=True)
class Scope:
    """`regional` for tables that tell the region, `by_school` for those that tell the school
    only; `asked`: the parameters that both name.
    """

    regional: str
    by_school: str
    asked: dict[str, Any]


def scope(place: Place) -> Scope:
    """The conditions that choose the place's rows."""
    if place.kind == "school":
        own = "{table}.school_id = $school_id"
        return Scope(own, own, {"school_id": place.code})
    inside = "starts_with({table}.region, $prefix)"
    schools = "{table}.school_id IN (SELECT school_id FROM schools WHERE " \
        "starts_with(schools.region, $prefix))"
    return Scope(inside, schools, {"prefix": place.prefix})
