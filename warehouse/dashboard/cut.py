"""Which teachers a page of a list shows, found without joining a million of them."""

from collections.abc import Callable, Iterable
from typing import Any

from warehouse.dashboard.asked import Asked
from warehouse.dashboard.door import Reading
from warehouse.dashboard.lists import Rows
from warehouse.dashboard.name_lists import name_list
from warehouse.dashboard.overview import Bins, bin_counts, bins
from warehouse.dashboard.places import Place
from warehouse.dashboard.programmes import Chosen
from warehouse.dashboard.scope import scope
from warehouse.dashboard.sheet import Row
from warehouse.dashboard.standing import Standing, standing
from warehouse.figures import Row as Figures
from warehouse.sql import query

USUAL = "region, school_id, teacher_id"
OF_TEACHERS = ("teacher_", "school_id", "region", "verified")  # columns that need no progress


class Cut:
    """The rows of a list that a page shows, and how many there are in all."""

    def __init__(
        self, reading: Reading, chosen: Chosen, place: Place, asked: Asked, order_: str
    ) -> None:
        self._reading = reading
        self._chosen = chosen
        self._place = place
        self._asked = asked
        self._order = order_
        self._all = standing(reading, chosen, place)
        self._standing = self._all.searched(asked.search) if asked.search else self._all

    def found(self, total: Figures) -> int:
        """Where the totals know the number, nobody is counted again."""
        asked, list_ = self._asked, name_list(self._asked.list)
        if asked.search or (asked.list and asked.bin is not None):
            of = self._standing if self._by_progress else self._standing.without_progress()
            return self._cut(of).count(self._reading.db)
        if asked.bin is None:
            return list_.count(total)
        counts = bin_counts(self._reading, self._chosen.programme, self._place,
                            total.stages["on_roster"])
        return counts[min(asked.bin, len(counts) - 1)]

    def rows(self, make: Callable[[tuple[Any, ...]], Row]) -> Iterable[Row]:
        """The page's rows, or all."""
        db, size = self._reading.db, self._asked.size
        if size is None:
            return self._cut(self._standing).page(db, None, 0, make)
        near, offset = self._near()
        keys = self._cut(near).keys(db, "teacher_id, school_id", size, offset)
        there = self._all.among(sorted({school for _, school in keys}))
        these = there.only([teacher for teacher, _ in keys])
        return self._cut(these).page(db, size, 0, make)

    def _near(self) -> tuple[Standing, int]:
        """Whom to look among for the page, and how many of them stand before it."""
        asked = self._asked
        if self._order == USUAL and not asked.search and asked.bin is None:
            schools, offset = self._window()
            return self._standing.among(schools), offset
        if self._by_progress or not self._order.startswith(OF_TEACHERS):
            return self._standing, asked.offset
        return self._standing.without_progress(), asked.offset

    @property
    def _by_progress(self) -> bool:
        """Whether who is on the list depends on anybody's progress."""
        return bool(self._asked.list) or self._asked.bin is not None

    def _window(self) -> tuple[list[str], int]:
        """The schools whose teachers are on the page, and how many of theirs stand before it."""
        where, asked = scope(self._place), self._asked
        text = query("dashboard_window").format(
            scope=where.regional.format(table="totals"), count=name_list(asked.list).sql)
        found = self._reading.db.execute(text, {
            "programme_id": self._chosen.programme.id, "offset": asked.offset,
            "limit": asked.size, **where.asked}).fetchall()
        return [school for school, _ in found], asked.offset - found[0][1] if found else 0

    def _cut(self, of: Standing) -> Rows:
        asked, filter_ = dict(of.asked), "true"
        if self._asked.list:
            filter_ += " AND stage IN $stages"
            asked["stages"] = list(name_list(self._asked.list).stages)
        if self._asked.bin is not None:
            filter_ += " AND credited BETWEEN $least AND $most"
            asked |= _bounds(bins(self._chosen.programme), self._asked.bin)
        return Rows(of.sql, filter_, self._order, asked, query("dashboard_teachers"))


def _bounds(sorted_: Bins, number: int) -> dict[str, Any]:
    """The least and the most credited seconds of a bin, both included."""
    if number == 0:
        return {"least": 0, "most": 0}
    if number >= sorted_.last:
        return {"least": sorted_.required, "most": 2**62}
    return {"least": max(1, (number - 1) * sorted_.width),
            "most": min(number * sorted_.width, sorted_.required) - 1}
