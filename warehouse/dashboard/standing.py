"""Which teachers a list has, as conditions of SQL on the table `standing` of a province's file."""

from dataclasses import dataclass
from typing import Any

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.name_lists import name_list
from warehouse.dashboard.overview import Bins, bins
from warehouse.dashboard.places import Place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.scope import scope

NAMES = "LEFT JOIN named.names USING (place)"

# By whether names may be shown: who may not see them cannot search for them either.
SEARCH = {
    False: "contains(lower(standing.teacher_id), lower($search))",
    True: "(contains(lower(standing.teacher_id), lower($search)) OR place IN"
          " (SELECT place FROM named.names WHERE contains(lower(name), lower($search))))",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """`filter`: what is true of the teachers; `asked`: the parameters that it names, and the
    programme. Nothing that a reader sends is in the text.
    """

    filter: str
    asked: dict[str, Any]


def wanted(chosen: Chosen, place: Place, asked: Asked, named: bool) -> Wanted:
    """The teachers of the place as asked. `named`: names may be shown."""
    where = scope(place)
    filters = [where.regional.format(table="standing")]
    parameters = {"programme_id": chosen.programme.id, **where.asked}
    if asked.search:
        filters.append(SEARCH[named])
        parameters["search"] = asked.search
    if asked.list:
        filters.append("funnel IN $funnel")
        parameters["funnel"] = list(name_list(asked.list).stages)
    if asked.bin is not None:
        filters.append("credited BETWEEN $least AND $most")
        parameters |= _bounds(bins(chosen.programme), asked.bin)
    return Wanted(" AND ".join(filters), parameters)


def _bounds(sorted_: Bins, number: int) -> dict[str, int]:
    """The least and the most credited seconds of a bin, both included."""
    if number == 0:
        return {"least": 0, "most": 0}
    if number >= sorted_.last:
        return {"least": sorted_.required, "most": 2**62}
    return {"least": max(1, (number - 1) * sorted_.width),
            "most": min(number * sorted_.width, sorted_.required) - 1}
