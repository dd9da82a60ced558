"""What was read since the last landing, sorted by where it goes."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pipeline.schemas.rejections import Rejection
from pipeline.schemas.topics import LEDGER, REJECTIONS, ROSTER_TOPIC
from pipeline.settings import Settings
from warehouse.decode import (
    Message,
    RefusedError,
    Row,
    as_row,
    ledger_row,
    rejection,
    rejection_row,
    roster_row,
)


@dataclass(frozen=True, slots=True)
class Names:
    """Full names of the topics that are loaded."""

    ledger: str
    roster: str
    rejections: str

    @classmethod
    def of(cls, settings: Settings) -> "Names":
        return cls(*(settings.topic(t.name) for t in (LEDGER, ROSTER_TOPIC, REJECTIONS)))

    def all(self) -> tuple[str, str, str]:
        return self.ledger, self.roster, self.rejections


@dataclass(slots=True)
class Batch:
    """`rows` by staging table; `refused` still has to be acknowledged by Kafka.

    `offsets` by (topic, partition): the offset to read next; `counts`: records by topic.
    """

    names: Names
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    refused: list[Rejection] = field(default_factory=list)
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0

    def take(self, message: Message, at: int) -> None:
        """Sort in one record; what cannot be read is refused at `at` (epoch ms).

        Garbage on the rejections topic itself becomes a row at once: sending it there
        again would never end.
        """
        try:
            self._sort_in(message)
        except RefusedError as refused:
            why = rejection(message, refused, at)
            if message.topic == self.names.rejections:
                self.rows["incoming_rejections"].append(as_row(why))
            else:
                self.refused.append(why)
        self.offsets[message.topic, message.partition] = message.offset + 1
        self.counts[message.topic] += 1
        self.size += 1

    def _sort_in(self, message: Message) -> None:
        if message.topic == self.names.ledger:
            self.rows["incoming_ledger"].append(ledger_row(message))
        elif message.topic == self.names.roster:
            table, row = roster_row(message)
            self.rows[table].append(row)
        elif (rejected := rejection_row(message)) is not None:
            self.rows["incoming_rejections"].append(rejected)

    @property
    def taken(self) -> int:
        """How many records of the ledger and the roster were good."""
        return sum(len(rows) for table, rows in self.rows.items() if table != "incoming_rejections")

    def offset_rows(self) -> list[Row]:
        """The rows of incoming_offsets."""
        return [(*place, offset) for place, offset in self.offsets.items()]
