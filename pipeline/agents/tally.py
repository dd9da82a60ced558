"""What an agent counts of its work. Plain numbers: they are read out only when asked for."""

from collections import Counter
from dataclasses import dataclass, field

from pipeline.metrics.catalogue import worker
from pipeline.metrics.metric import Histogram
from pipeline.schemas.rejections import Reason


@dataclass(slots=True)
class Recovery:
    """State that is being read back. `left`: by partition, how many offsets of its changelog."""

    left: dict[int, int] = field(default_factory=dict)
    seconds: Histogram = field(default_factory=lambda: Histogram(worker.RECOVERY_SECONDS.bounds))


@dataclass(slots=True)
class Tally:
    """One agent's, over all its partitions since the start."""

    records: int = 0
    events: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    outcomes: int = 0
    flushes: Histogram = field(default_factory=lambda: Histogram(worker.FLUSH_SECONDS.bounds))
    changelog_bytes: int = 0
    changelog_records: int = 0
    changelog_errors: int = 0
    recovery: Recovery = field(default_factory=Recovery)
