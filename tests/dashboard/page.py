"""A page as a program reads it: its tables, links and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Cell:
    value: str
    text: str = ""
    href: str | None = None


@dataclass
class Table:
    keys: list[str] = field(default_factory=list)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    footer: dict[str, Cell] | None = None

    def column(self, key: str) -> list[str]:
        return [row[key].value for row in self.rows]


class Page(HTMLParser):
    """`tables` by id without the t-; `links`: every href in order; `attributes`: of every tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tables: dict[str, Table] = {}
        self.links: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._table: Table | None = None
        self._cells: list[Cell] = []
        self._part = ""
        self._cell: Cell | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.attributes.append((tag, found))
        match tag:
            case "a":
                self._link(str(found.get("href")))
            case "table":
                self._table = self.tables[str(found.get("id")).removeprefix("t-")] = Table()
            case "thead" | "tbody" | "tfoot":
                self._part = tag
            case "tr":
                self._cells = []
            case "th" | "td":
                self._begin(found)

    def _link(self, href: str) -> None:
        self.links.append(href)
        if self._cell is not None:
            self._cell.href = href

    def _begin(self, found: dict[str, str | None]) -> None:
        assert self._table is not None
        if self._part == "thead":
            self._table.keys.append(str(found["data-key"]))
        else:
            self._cell = Cell(found.get("data-value") or "")
            self._cells.append(self._cell)

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell is not None:
            self._cell.text += data.strip()

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "th" | "td":
                self._cell = None
            case "table":
                self._table = None
            case "tr" if self._table is not None and self._part != "thead":
                self._end_of_row(self._table)

    def _end_of_row(self, table: Table) -> None:
        if len(self._cells) != len(table.keys):
            return  # "no such rows", over the whole width
        row = dict(zip(table.keys, self._cells, strict=True))
        if self._part == "tfoot":
            table.footer = row
        else:
            table.rows.append(row)
