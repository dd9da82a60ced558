"""What a metric is, and a value of it."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Process(StrEnum):
    """Whoever serves metrics; the value is the command's name."""

    COLLECTOR = "collector"
    WORKER = "worker"
    LOADER = "loader"
    PUBLISHER = "publisher"
    DASHBOARD = "dashboard"
    LEARNER = "learner"
    LAG = "lag"


EVERYWHERE = tuple(Process)
MILLISECONDS_TO_SECONDS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SECONDS_TO_MINUTES = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `labels`: label → what its values are, which must be few and never personal;
    `bounds`: upper bounds of a histogram's buckets, in `unit`.
    """

    name: str
    kind: Kind
    unit: str
    help: str
    processes: tuple[Process, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()


class Histogram:
    """Counts of values by size. Cheap to add to: it is read out only when somebody asks."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulated(self) -> Iterator[tuple[str, int]]:
        """(upper bound as text, how many values are no larger)."""
        names = [*(f"{bound:g}" for bound in self.bounds), "+Inf"]
        return zip(names, accumulate(self.counts), strict=True)


class Sample(NamedTuple):
    """A value of a metric now; `labels` in the order of the metric's."""

    metric: Metric
    value: float | Histogram
    labels: tuple[str, ...] = ()
