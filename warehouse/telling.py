"""What the loader and the publisher count of their work, and how it is read out as metrics."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.metrics.catalogue import loader, publisher
from pipeline.metrics.metric import Histogram, Metric, Sample
from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings
from warehouse.batch import Batch
from warehouse.landing import Landed
from warehouse.quality import CHECKS, Finding, severity

RESULTS = ("published", "nothing_new", "check_failed", "failed", "stopped")
GOOD = {"published", "nothing_new"}


def _histogram(metric: Metric) -> Callable[[], Histogram]:
    return lambda: Histogram(metric.bounds)


@dataclass(slots=True)
class Loading:
    """`newest`: by topic the newest timestamp that was read, epoch ms; `landed_at` likewise."""

    records: Counter[str] = field(default_factory=Counter)
    refused: Counter[Reason] = field(default_factory=Counter)
    entries: int = 0
    gaps: int = 0
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    landed_newest: dict[str, int] = field(default_factory=dict)
    landed_at: int = 0
    waiting: int = 0
    away: bool = True       # until it has begun
    stuck: bool = False
    transactions: Histogram = field(default_factory=_histogram(loader.TRANSACTION_SECONDS))
    snapshots: Histogram = field(default_factory=_histogram(loader.SNAPSHOT_SECONDS))
    snapshot_failures: int = 0

    def landed(self, batch: Batch, landed: Landed, at: int, seconds: float) -> None:
        """A landing was committed."""
        for (topic, partition), offset in batch.offsets.items():
            self.offsets[topic, partition] = offset
        self.records.update(batch.counts)
        self.refused.update(one.reason for one in batch.refused)
        self.entries += landed.entries
        self.gaps += landed.gaps
        self.landed_newest = self.newest.copy()
        self.landed_at = at
        self.transactions.add(seconds)

    def unready(self) -> list[str]:
        """Why nothing lands."""
        return [why for why, is_so in (("Kafka does not answer", self.away),
                                       ("Kafka does not take rejections", self.stuck)) if is_so]

    def read(self) -> Iterator[Sample]:
        for (topic, partition), offset in self.offsets.copy().items():
            yield Sample(loader.OFFSET, offset, (topic, str(partition)))
        for topic, records in self.records.copy().items():
            yield Sample(loader.RECORDS, records, (topic,))
        for reason in Reason:
            yield Sample(loader.REFUSED, self.refused[reason], (reason,))
        for topic, at in self.landed_newest.items():
            yield Sample(loader.WATERMARK, at / 1000, (topic,))
        yield Sample(loader.ENTRIES, self.entries)
        yield Sample(loader.GAPS, self.gaps)
        yield Sample(loader.LANDED_AT, self.landed_at / 1000)
        yield Sample(loader.WAITING, self.waiting)
        yield Sample(loader.AWAY, self.away)
        yield Sample(loader.STUCK, self.stuck)
        yield Sample(loader.TRANSACTION_SECONDS, self.transactions)
        yield Sample(loader.SNAPSHOT_SECONDS, self.snapshots)
        yield Sample(loader.SNAPSHOT_FAILURES, self.snapshot_failures)


def files(settings: Settings) -> Callable[[], Iterable[Sample]]:
    """Sizes of the warehouse's files; 0 for one that is not there."""
    path = settings.warehouse_path
    named = {"warehouse": path, "wal": path.with_name(path.name + ".wal"),
             "snapshot": settings.snapshot_path}
    return lambda: [Sample(loader.FILE_BYTES, _size(path), (name,)) for name, path in named.items()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@dataclass(slots=True)
class Publishing:
    """`cases` by check, of the checks that found any the last time."""

    results: Counter[str] = field(default_factory=Counter)
    seconds: Histogram = field(default_factory=_histogram(publisher.SECONDS))
    cases: Mapping[str, int] = field(default_factory=dict)
    checked_at: int = 0
    last: str = "has not published yet"

    def attempted(self, result: str, seconds: float) -> None:
        """`result`: one of RESULTS."""
        self.results[result] += 1
        self.seconds.add(seconds)
        self.last = result

    def checked(self, found: Iterable[Finding], at: int) -> None:
        self.cases = {finding.check: finding.cases for finding in found}
        self.checked_at = at

    def unready(self) -> list[str]:
        """Why the last good publication gets old."""
        return [] if self.last in GOOD else [f"the last attempt: {self.last}"]

    def read(self) -> Iterator[Sample]:
        for result in RESULTS:
            yield Sample(publisher.ATTEMPTS, self.results[result], (result,))
        yield Sample(publisher.SECONDS, self.seconds)
        yield Sample(publisher.CHECKED_AT, self.checked_at / 1000)
        cases = self.cases
        for path in sorted(CHECKS.glob("*.sql")):
            yield Sample(publisher.CASES, cases.get(path.stem, 0), (path.stem, severity(path)))
