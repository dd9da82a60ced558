"""One request: who asks, for what programme, of which place, and the sheets that answer."""

from dataclasses import dataclass
from functools import cached_property

from warehouse.dashboard import overview
from warehouse.dashboard.asked import Address, Asked
from warehouse.dashboard.below import places
from warehouse.dashboard.door import Reading
from warehouse.dashboard.errors import UnknownError
from warehouse.dashboard.places import Crumb, Map, Place, PlaceFigures, figures
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.schools import schools
from warehouse.dashboard.sheet import Sheet
from warehouse.dashboard.teachers import teachers


@dataclass(frozen=True)
class Visit:
    """`here`: the address of the page that was asked for; `days`: the frozen days there are."""

    reading: Reading
    chosen: Chosen
    asked: Asked
    here: Address
    days: tuple[str, ...]

    @property
    def as_of(self) -> str:
        """The moment the figures speak of, in Beijing's time, to the second."""
        return self.reading.manifest.as_of_local[:19].replace("T", " ")

    @property
    def publication_id(self) -> str:
        return self.reading.manifest.publication_id

    @cached_property
    def map(self) -> Map:
        return Map(self.reading)


class Subject:
    """The place of a visit. Each sheet is made when it is asked for."""

    def __init__(self, visit: Visit, place: Place) -> None:
        self.visit = visit
        self.place = place

    @cached_property
    def figures(self) -> PlaceFigures:
        return figures(self.visit.reading, self.visit.chosen.programme, self.place)

    @property
    def crumbs(self) -> list[Crumb]:
        """The way to the place, itself included."""
        way = self.visit.map.crumbs(self.place.region)
        own = [Crumb(self.place.name, self.place.href)] if self.place.kind == "school" else []
        return [*way, *own]

    def sheet(self, id_: str, asked: Asked) -> Sheet:
        """The sheet of that name.

        Raises:
            UnknownError: the place has no such sheet.
        """
        made = self.find(id_, asked)
        if made is None:
            raise UnknownError
        return made

    def find(self, id_: str, asked: Asked) -> Sheet | None:
        """The sheet of that name; None if the place has none."""
        return self._overview(id_) or self._list(id_, asked)

    def _overview(self, id_: str) -> Sheet | None:
        reading, chosen = self.visit.reading, self.visit.chosen
        programme = chosen.programme
        total = self.figures.total
        match id_:
            case "funnel":
                return overview.funnel(total)
            case "courses":
                return overview.courses(programme, total)
            case "days":
                return overview.days(reading, programme, self.place)
            case "distribution":
                everybody = total.stages["on_roster"]
                return overview.distribution(reading, chosen, self.place, everybody)
        return None

    def _list(self, id_: str, asked: Asked) -> Sheet | None:
        reading, chosen = self.visit.reading, self.visit.chosen
        if id_ == "places" and self.place.kind != "school":
            return places(self.place, self.figures, chosen, asked)
        if id_ == "teachers" and not reading.national:
            return teachers(reading, chosen, self.place, self.figures.total, asked)
        if id_ == "schools" and self.place.kind != "school" and not reading.national:
            return schools(reading, chosen, self.place, asked)
        return None
