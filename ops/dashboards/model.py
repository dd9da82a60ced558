"""What a dashboard is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 24      # Grafana's grid


class Unit(StrEnum):
    """Grafana's names of units."""

    NUMBER = "short"
    SECONDS = "s"
    BYTES = "bytes"
    BYTES_A_SECOND = "Bps"
    PER_SECOND = "cps"      # shown as c/s
    SHARE = "percentunit"   # 0 to 1, shown as 0 % to 100 %


class Kind(StrEnum):
    """Grafana's names of the panels that are used."""

    LINES = "timeseries"
    NUMBER = "stat"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and what its lines are called: text with {{label}} in it."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `warn`, `bad`: from these values on it is yellow and red; a line is drawn
    at `bad`. `width`: of 24.
    """

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: Unit = Unit.NUMBER
    warn: float | None = None
    bad: float | None = None
    kind: Kind = Kind.LINES
    width: int = 8


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading, `height` high each, from left to right."""

    title: str
    panels: tuple[Panel, ...]
    height: int = 8


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page of Grafana. `name`: of its file and in its address."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]

    def panels(self) -> Iterator[Panel]:
        for row in self.rows:
            yield from row.panels
