"""A small programme, records of it, and ways to land them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Window
from pipeline.schemas.base import Record
from pipeline.schemas.ledger import LedgerEntry, LedgerKind
from pipeline.schemas.rejections import Reason, Rejection
from pipeline.schemas.roster import Region, School, Teacher, Verification
from pipeline.settings import Settings
from warehouse.batch import Batch, Names
from warehouse.dimensions import load_dimensions
from warehouse.landing import Landed, land, prepare
from warehouse.snapshot import snapshots
from warehouse.store import opened

NAMES = Names("t.ledger", "t.roster", "t.rejections")
SUMMER = "summer"
# 2023-07-20 12:00 in Asia/Shanghai, well inside the window.
NOON = 1_689_825_600_000
HOUR = 3_600_000
DAY = 24 * HOUR


def programme(id_: str = SUMMER, opens_at: int = NOON - 6 * DAY) -> Programme:
    """Two courses of 2 and 1 hours of 45 minutes, and an extension of none."""
    courses = (("ideals", "思想铸魂", 5400), ("cases", "以案促学", 2700), ("ethics", "师德引领", 0))
    return Programme(
        id=id_, name="暑期研修", window=Window(opens_at, opens_at + 49 * DAY, DAY),
        courses=tuple(Course(c, name, required, None, ()) for c, name, required in courses),
        clock=Clock(200, 2 * HOUR, 10_000), seconds_per_hour=2700, credit_before_enrolment=True,
        enrolled_through=(), gap_tolerance_ms=2000, tail_tolerance_ms=500, quiz_rule="passed",
        pass_mark=0.6, ranking=False,
    )


CATALOGUE = Catalogue.of([programme()])


@dataclass(frozen=True)
class Sent:
    """A record as a consumer would hand it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Log:
    """Numbers records the way Kafka does, each topic from `start` on."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._next: dict[str, int] = {}

    def add(self, topic: str, value: Record | bytes | None, key: bytes | None = None) -> Sent:
        offset = self._next.get(topic, self._start)
        self._next[topic] = offset + 1
        raw = value.to_json() if isinstance(value, Record) else value
        return Sent(topic, 0, offset, key, raw)

    def ledger(self, *values: Record | bytes | None) -> list[Sent]:
        return [self.add(NAMES.ledger, value) for value in values]

    def roster(self, *values: Record | bytes | None, key: bytes | None = None) -> list[Sent]:
        return [self.add(NAMES.roster, value, key) for value in values]

    def rejections(self, *values: Record | bytes | None) -> list[Sent]:
        return [self.add(NAMES.rejections, value) for value in values]


def entry(  # noqa: PLR0917 - written out in a test it reads as a row of the ledger
    teacher: str, seq: int, kind: LedgerKind, course: str | None = None, learned: int = 0,
    credited: int = 0, seconds: int = 0, at: int = NOON,
) -> LedgerEntry:
    return LedgerEntry(
        teacher_id=teacher, programme_id=SUMMER, seq=seq, kind=kind, at=at, course_id=course,
        resource_id="r" if kind == "learned" else None,
        seconds=seconds, learned=learned, credited=credited,
    )


def story(teacher: str, *steps: tuple[Any, ...], at: int = NOON) -> list[LedgerEntry]:
    """Entries 1, 2, 3 … of one teacher: ("enrolled",) or ("learned", course, seconds, credited).

    Learned totals are summed up here; credited totals are given.
    """
    totals: dict[str, int] = {}
    entries = []
    for seq, (kind, *rest) in enumerate(steps, 1):
        if kind == "learned":
            course, seconds, credited = rest
            totals[course] = totals.get(course, 0) + seconds
            entries.append(entry(
                teacher, seq, kind, course, totals[course], credited, seconds, at))
        else:
            entries.append(entry(teacher, seq, kind, at=at))
    return entries


def teacher(
    id_: str, school: str, at: int = 1000, registered: bool = True, **told: Any
) -> Teacher:
    """`told`: name, stage, subject."""
    return Teacher(teacher_id=id_, school_id=school, at=at, registered=registered, **told)


def verified(id_: str, yes: bool = True, at: int = NOON) -> Verification:
    return Verification(teacher_id=id_, verified=yes, at=at)


def school(id_: str, region: str, name: str | None = None) -> School:
    return School(school_id=id_, region=region, name=name or f"{id_}学校")


def region(code: str, name: str) -> Region:
    return Region(region=code, name=name)


def refusal(offset: int, reason: Reason = Reason.MALFORMED, **more: Any) -> Rejection:
    return Rejection(
        reason=reason, topic="t.telemetry", partition=0, offset=offset, at=NOON, **more)


@contextmanager
def warehouse(settings: Settings, catalogue: Catalogue = CATALOGUE) -> Iterator[DuckDBPyConnection]:
    """The open, prepared warehouse of the settings, without any Kafka."""
    with opened(settings.warehouse_path, NOON) as db:
        load_dimensions(db, catalogue)
        prepare(db)
        yield db


def land_all(db: DuckDBPyConnection, records: Iterable[Sent], at: int = NOON + DAY) -> Landed:
    batch = Batch(NAMES)
    for record in records:
        batch.take(record, at)
    return land(db, batch, at)


def snapshot_of(settings: Settings, records: Iterable[Sent], at: int = NOON + DAY) -> None:
    """Land the records and leave a snapshot, as a loader that stops does."""
    with warehouse(settings) as db, snapshots(settings, db) as copies:
        land_all(db, records, at)
        copies.take(at)


def rows(db: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return db.execute(sql).fetchall()
