"""What a process shows of itself: values that are read when somebody asks."""

import logging
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import generate_latest
from prometheus_client.core import Metric as Family

from pipeline.metrics.catalogue import common, of
from pipeline.metrics.metric import Histogram, Metric, Process, Sample

log = logging.getLogger("xueshi.metrics")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Read = Callable[[], Iterable[Sample]]


class NotInCatalogueError(Exception):
    """A process would serve what is not documented for it."""


class Board:
    """The metrics of one process. Reading them happens in another thread than counting, so a
    reader copies what may change while it is read.
    """

    def __init__(self, process: Process, *reads: Read) -> None:
        self.process = process
        self._reads = list(reads)
        self._metrics = {metric.name: metric for metric in of(process)}
        self._failures = 0

    def add(self, read: Read) -> None:
        self._reads.append(read)

    def text(self) -> bytes:
        """Everything in Prometheus' text format. A reader that fails leaves its own out."""
        families: dict[str, Family] = {}
        for sample in self._samples():
            _put(families, self._known(sample))
        return generate_latest(Collected(families.values()))

    def _samples(self) -> Iterator[Sample]:
        for read in self._reads:
            try:
                found = list(read())
            except Exception:
                log.warning("metrics cannot be read", exc_info=True)
                self._failures += 1
            else:
                yield from found
        yield Sample(common.UNREADABLE, self._failures)

    def _known(self, sample: Sample) -> Sample:
        metric = sample.metric
        if self._metrics.get(metric.name) is not metric or len(sample.labels) != len(metric.labels):
            raise NotInCatalogueError(f"{self.process}: {metric.name}{list(sample.labels)}")
        return sample


class Collected:
    """As prometheus_client asks for it."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families


def _put(families: dict[str, Family], sample: Sample) -> None:
    metric, value, labels = sample
    family = families.get(metric.name)
    if family is None:
        family = families[metric.name] = Family(
            metric.name.removesuffix("_total"), metric.help, metric.kind.value)
    named = dict(zip(metric.labels, labels, strict=True))
    if isinstance(value, Histogram):
        _put_histogram(family, metric, value, named)
    else:
        family.add_sample(metric.name, named, value)


def _put_histogram(
    family: Family, metric: Metric, value: Histogram, named: dict[str, str]
) -> None:
    count = 0
    for bound, count in value.cumulated():
        family.add_sample(f"{metric.name}_bucket", {**named, "le": bound}, count)
    family.add_sample(f"{metric.name}_sum", named, value.total)
    family.add_sample(f"{metric.name}_count", named, count)
