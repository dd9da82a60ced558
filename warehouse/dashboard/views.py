"""Pages from templates. What values look like on a page is decided here, once."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from warehouse.dashboard.access.visitor import visitor
from warehouse.dashboard.asked import SIZES, Asked, sortable
from warehouse.dashboard.assets import Assets
from warehouse.dashboard.name_lists import STAGES
from warehouse.dashboard.places import Crumb
from warehouse.dashboard.sheet import Hours, Link, Share, Sheet, Style, Value
from warehouse.dashboard.visit import Visit
from warehouse.render import rate, status

TEMPLATES = Path(__file__).parent / "templates"
NUMBERS = {"count", "share", "hours", "percent"}


class Views:
    """Renders templates; `assets` gives them the addresses of style and scripts."""

    def __init__(self, assets: Assets) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True)
        self._templates.filters |= {"shown": shown, "moment": moment, "thousands": thousands}
        self._templates.globals |= {
            "assets": assets, "sortable": sortable, "raw": raw, "href": href, "sizes": SIZES,
            "numeric": NUMBERS.__contains__, "paging": Paging, "rate": rate,
            "status": status, "stages": STAGES, "visitor": visitor,
        }

    def page(
        self, template: str, visit: Visit, crumbs: Sequence[Crumb], **more: Any
    ) -> HTMLResponse:
        """A page with figures; the last crumb is the page itself."""
        hours = Hours(visit.chosen.programme.seconds_per_hour)
        return self.answer(template, visit=visit, crumbs=crumbs, hours=hours, **more)

    def answer(self, template: str, status: int = 200, **more: Any) -> HTMLResponse:
        """Any page; without a visit it has no figures."""
        text = self._templates.get_template(template).render({"visit": None, **more})
        return HTMLResponse(text, status)


def shown(value: Value, style: Style) -> str:
    """The value as text of a cell; a dash where there is none."""
    match value:
        case None:
            return "—"
        case Link():
            return shown(value.value, style)
        case Share():
            return thousands(value.count)
        case date():
            return value.isoformat()
        case int() | float():
            return _number(value, style)
    return value


def _number(value: float, style: Style) -> str:
    match style:
        case "hours":
            return f"{value:,.2f}"
        case "percent":
            return f"{value:.1f}%"
    return thousands(value)


def thousands(value: float) -> str:
    return f"{value:,}"


def raw(value: Value) -> str:
    """The value for the pictures, which are drawn from the table beside them."""
    match value:
        case Share():
            return str(value.count)
        case Link():
            return str(value.value)
    return "" if value is None else str(value)


def href(value: Value) -> str | None:
    """Where the value leads to, if anywhere."""
    return value.href if isinstance(value, Link) else None


def moment(value: datetime | None) -> str:
    """Beijing's time to the minute."""
    return value.strftime("%Y-%m-%d %H:%M") if value else "—"


class Paging:
    """Which page of how many; `first` and `last` number its rows from 1."""

    def __init__(self, sheet: Sheet, asked: Asked) -> None:
        size = asked.size or max(sheet.found, 1)
        self.page = asked.page
        self.pages = max(1, -(-sheet.found // size))
        self.first = min(asked.offset + 1, sheet.found)
        self.last = min(asked.offset + size, sheet.found)

    @property
    def beyond(self) -> bool:
        """Whether the page asked for lies behind the last one."""
        return self.page > self.pages

    def near(self) -> list[int]:
        """The pages to offer: the first, the last, and those around this one."""
        around = range(self.page - 2, self.page + 3)
        return sorted({1, self.pages, *(n for n in around if 1 <= n <= self.pages)})
