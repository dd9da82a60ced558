"""What an address asks for, read leniently: a wrong number is the default, never an error."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from warehouse.dashboard.sheet import Column

SIZES = (20, 50, 100)
LONGEST_SEARCH = 64
LAST_PAGE = 10_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """`programme` None: the one that opened last. `sort`: a column's key, '' for the order of
    the sheet; `list` and `bin` choose among teachers; `other`: only the entries 其他, `direct`:
    only what belongs to the region itself. `size` None: everything, for a download. `day`: a
    frozen day like 2023-07-20, None for the last publication.
    """

    programme: str | None
    search: str = ""
    sort: str = ""
    down: bool = False
    page: int = 1
    size: int | None = 50
    list: str = ""
    bin: int | None = None
    other: bool = False
    direct: bool = False
    day: str | None = None

    def everything(self) -> "Asked":
        """The same on one endless page."""
        return replace(self, page=1, size=None)

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.size if self.size else 0

    def order(self, columns: tuple[Column, ...], ranking: bool) -> Column | None:
        """The column to sort by, if it may be sorted by."""
        return next((c for c in columns if c.key == self.sort and sortable(c, ranking)), None)


def sortable(column: Column, ranking: bool) -> bool:
    """Rule 28: rates and hours of places order by merit, which only a ranking may do."""
    return bool(column.sort) and (ranking or not column.merit)


def asked(query: Mapping[str, str]) -> Asked:
    """What the query of an address says."""
    size = _number(query.get("size"), 1, max(SIZES))
    return Asked(
        programme=query.get("programme") or None,
        search=query.get("q", "").strip()[:LONGEST_SEARCH],
        sort=query.get("sort", ""),
        down=query.get("dir") == "down",
        page=_number(query.get("page"), 1, LAST_PAGE) or 1,
        size=size if size in SIZES else 50,
        list=query.get("list", ""),
        bin=_number(query.get("bin"), 0, 100),
        other=query.get("other") == "1",
        direct=query.get("direct") == "1",
        day=query.get("day") or None,
    )


def _number(text: str | None, least: int, most: int) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 8:
        return None
    return number if least <= (number := int(text)) <= most else None


@dataclass(frozen=True, slots=True)
class Address:
    """A page's own address, from which those of its links are made."""

    path: str
    query: Mapping[str, str]

    def but(self, **changes: object) -> str:
        """The same address with some parameters set; None takes one away."""
        merged = {**self.query, **changes}
        kept = {key: str(value) for key, value in merged.items() if value not in (None, "")}
        return f"{quote(self.path)}?{urlencode(kept)}" if kept else quote(self.path)

    def asked(self, only: Collection[str] | None = None) -> str:
        """What a download of all pages must ask for: the same, or `only` some of it."""
        kept = {name: value for name, value in self.query.items()
                if name not in ("page", "size") and (only is None or name in only)}
        return f"?{urlencode(kept)}" if kept else ""

    def kept(self, *left_out: str) -> dict[str, str]:
        """The parameters that a form must send along, without its own fields'."""
        return {k: v for k, v in self.query.items() if k not in left_out and v}
