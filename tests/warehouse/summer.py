"""A summer that is sent in parts, each with repeats and garbage, and what must come of it.

The truth is worked out here from the records below the offsets that a warehouse claims to have:
slowly, and knowing nothing of how it loads.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.broker import lag
from pipeline.schemas.ledger import LedgerEntry
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import Teacher
from pipeline.settings import Settings
from tests.warehouse.helpers import entry, rows, teacher
from tests.warehouse.live import eventually, in_snapshot, producing

TEACHERS = 30
STEPS = 4       # new entries of each teacher a part
GARBAGE = 3     # records a part that nobody can read
SECONDS = 50
COURSES = ("ideals", "cases")

Offsets = Mapping[tuple[str, int], int]


class Record(NamedTuple):
    """A record and its place; `content` is bytes where nobody can read it."""

    topic: str
    partition: int
    offset: int
    content: LedgerEntry | Teacher | bytes


def step(number: int, seq: int) -> LedgerEntry:
    """One entry: 1 enrols, 2 starts, all others learn in turns."""
    if seq <= 2:
        return entry(f"t{number}", seq, "enrolled" if seq == 1 else "started")
    total = SECONDS * ((seq - 1) // 2)
    return entry(f"t{number}", seq, "learned", COURSES[(seq - 1) % 2], total, total, SECONDS)


def part_of(number: int) -> list[LedgerEntry]:
    """All entries of the part, 1, 2, 3 …; every teacher's in order."""
    return [step(who, seq) for seq in range(STEPS * (number - 1) + 1, STEPS * number + 1)
            for who in range(TEACHERS)]


@dataclass(slots=True)
class Summer:
    """`parts` have been sent, as `sent`."""

    settings: Settings
    parts: int = 0
    sent: list[Record] = field(default_factory=list)

    def send_part(self) -> None:
        """The next part, after the last one once more, as a crediting agent does that crashed."""
        self.parts += 1
        again = part_of(self.parts - 1) if self.parts > 1 else []
        garbage = [b"garbage %d.%d" % (self.parts, n) for n in range(GARBAGE)]
        moves = [teacher(f"t{who}", f"s{self.parts}", at=self.parts) for who in range(TEACHERS)]
        self._send("ledger", [*again, *part_of(self.parts), *garbage])
        self._send("roster", moves)

    def _send(self, name: str, contents: list[Any]) -> None:
        topic = self.settings.topic(name)
        with producing(self.settings) as producer:
            under_way = [producer.send(topic, _raw(content), partition=self._partition(content))
                         for content in contents]
            for content, future in zip(contents, under_way, strict=True):
                at = future.get(timeout=30)
                self.sent.append(Record(topic, at.partition, at.offset, content))

    def _partition(self, content: LedgerEntry | Teacher | bytes) -> int:
        if isinstance(content, LedgerEntry):
            return partition_of(content.teacher_id, self.settings.partitions)
        return 0

    def require_consistent(self, db: duckdb.DuckDBPyConnection) -> Offsets:
        """The warehouse has exactly what the log says up to its own offsets, which these are."""
        offsets = offsets_of(db)
        below = [record for record in self.sent
                 if record.offset < offsets.get((record.topic, record.partition), 0)]
        entries = {(one.teacher_id, one.seq): one for one in _contents(below, LedgerEntry)}
        for sql, wanted in truth(list(entries.values())).items():
            assert rows(db, sql) == wanted, sql
        schools = {(one.teacher_id, one.school_id) for one in _contents(below, Teacher)}
        assert sorted(rows(db, "SELECT teacher_id, school_id FROM teachers")) == sorted(schools)
        garbage = [(record.offset, record.content) for record in below
                   if isinstance(record.content, bytes)]
        kept = rows(db, "SELECT kafka_offset, raw FROM rejections ORDER BY 1")
        assert len(kept) == len(set(kept))
        assert set(kept) <= set(garbage)  # they arrive by way of Kafka, a little later
        return offsets

    def await_all(self) -> None:
        """Wait for a loader to bring in all that was sent, and then it is there once."""
        eventually(self._is_all_in, 60.0)
        with duckdb.connect(self.settings.snapshot_path, read_only=True) as db:
            self.require_consistent(db)
            assert rows(db, "SELECT count(*) FROM rejections") == [(self.parts * GARBAGE,)]
            assert rows(db, "SELECT count(*) FROM ledger") == [(self.parts * STEPS * TEACHERS,)]

    def _is_all_in(self) -> bool:
        """Whether a snapshot of the loader has the ends of all topics."""
        known = {(topic, partition): offset for topic, partition, offset in in_snapshot(
            self.settings, "SELECT topic, kafka_partition, next_offset FROM kafka_offsets")}
        topics = [self.settings.topic(name) for name in ("ledger", "roster", "rejections")]
        ends = lag.ends(str(self.settings.kafka_bootstrap_servers), topics)
        return all(known.get(place, 0) == end for place, end in ends.items())


def truth(entries: list[LedgerEntry]) -> dict[str, list[tuple[Any, ...]]]:
    """SQL → its rows, after these entries and no others."""
    last: dict[str, int] = {}
    courses: dict[tuple[str, str], int] = {}
    for one in entries:
        last[one.teacher_id] = max(one.seq, last.get(one.teacher_id, 0))
        if one.course_id is not None:
            key = one.teacher_id, one.course_id
            courses[key] = max(one.learned, courses.get(key, 0))
    learned = {who: sum(n for (t, _), n in courses.items() if t == who) for who in last}
    return {
        "SELECT teacher_id, seq FROM ledger ORDER BY ALL":
            sorted((one.teacher_id, one.seq) for one in entries),
        "SELECT teacher_id, last_seq, learned, credited FROM progress ORDER BY ALL":
            sorted((who, last[who], learned[who], learned[who]) for who in last),
        "SELECT teacher_id, course_id, learned FROM course_progress ORDER BY ALL":
            sorted((*key, total) for key, total in courses.items()),
        "SELECT coalesce(sum(learned), 0)::INT, coalesce(sum(enrolled), 0)::INT FROM daily":
            [(sum(learned.values()), sum(one.kind == "enrolled" for one in entries))],
        "SELECT count(*) FROM ledger_gaps": [(0,)],
    }


def offsets_of(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], int]:
    """(topic, partition) → the offset to read next."""
    found = rows(db, "SELECT topic, kafka_partition, next_offset FROM kafka_offsets")
    return {(topic, partition): offset for topic, partition, offset in found}


def copied(settings: Settings, folder: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse as it lies there, log and all, opened elsewhere: looking changes nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(settings.warehouse_path.parent, folder)
    return duckdb.connect(folder / settings.warehouse_path.name)


def _raw(content: LedgerEntry | Teacher | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.to_json()


def _contents(records: list[Record], kind: type[Any]) -> list[Any]:
    return [record.content for record in records if isinstance(record.content, kind)]
