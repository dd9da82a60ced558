"""The part of a list of teachers that a page shows, found without sorting more than their places.

A province may have a million teachers. So a page is made in two steps: which of the places in the
table `standing` are on it, and then everything about these.
"""

from collections.abc import Callable, Iterable
from typing import Any

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.door import Reading
from warehouse.dashboard.lists import Rows, read
from warehouse.dashboard.name_lists import name_list
from warehouse.dashboard.places import Place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.sheet import Row
from warehouse.dashboard.standing import NAMES, wanted
from warehouse.figures import Row as Figures
from warehouse.sql import query

USUAL = "place"  # region, school, id
BY_NAME = "by_pinyin"


class Cut:
    """The rows of a list that a page shows, and how many there are in all."""

    def __init__(
        self, reading: Reading, chosen: Chosen, place: Place, asked: Asked, order_: str
    ) -> None:
        self._reading = reading
        self._asked = asked
        self._order = order_
        self._wanted = wanted(chosen, place, asked, reading.names)

    def found(self, total: Figures) -> int:
        """Where the totals know the number, nobody is counted again."""
        if not self._asked.search and self._asked.bin is None:
            return name_list(self._asked.list).count(total)
        rows = f"FROM standing WHERE programme_id = $programme_id AND {self._wanted.filter}"
        return Rows(rows, "true", USUAL, self._wanted.asked).count(self._reading.db)

    def rows(self, make: Callable[[tuple[Any, ...]], Row]) -> Iterable[Row]:
        """The page's rows, or all, one by one."""
        of = self._wanted
        if self._asked.size is None:
            return map(make, read(self._reading.db, self._dressed(of.filter), of.asked))
        asked = {"programme_id": of.asked["programme_id"], "places": self._places()}
        found = self._reading.db.execute(self._dressed("place IN $places"), asked)
        return [make(row) for row in found.fetchall()]

    def _places(self) -> list[int]:
        text = query("dashboard_places").format(
            names=NAMES if self._order.startswith(BY_NAME) else "", filter=self._wanted.filter,
            order=self._order)
        asked = {**self._wanted.asked, "limit": self._asked.size, "offset": self._asked.offset}
        return [place for (place,) in self._reading.db.execute(text, asked).fetchall()]

    def _dressed(self, filter_: str) -> str:
        named = self._reading.names
        return query("dashboard_teachers").format(
            name="names.name" if named else "NULL::VARCHAR", names=NAMES if named else "",
            filter=filter_, order=self._order)
