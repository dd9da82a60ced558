"""The loader: from Kafka into the warehouse, every record exactly once.

Rows, current state, rollups and Kafka offsets are committed together, and a start goes on from
the offsets in the database; so a crash at any moment loses nothing and doubles nothing.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from threading import Event

from duckdb import DuckDBPyConnection
from kafka.errors import KafkaError

from pipeline.alarm import Alarms
from pipeline.clock import now_ms
from pipeline.logs.line import fields
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from warehouse.batch import Batch, Names
from warehouse.dimensions import load_dimensions
from warehouse.landing import land, prepare
from warehouse.notes import Notes
from warehouse.offsets import check_topics, known_offsets
from warehouse.snapshot import Snapshots, snapshots
from warehouse.source import DeadLetters, Source, reach, topic_ids
from warehouse.store import checkpoint_if_large, opened
from warehouse.telling import Loading

log = logging.getLogger(__name__)

START_PATIENCE_S = 30.0
POLL_S = 0.2
BATCH_RECORDS = 100_000       # land sooner, after this many
POLL_RECORDS = 10_000
REFUSED_TOLD = 10             # of a landing's; all are rejections
SILENCE_S = 5.0               # after it, ask whether Kafka is there at all
LAST_SNAPSHOT_BYTES = 2**30   # a larger file would not be copied in the seconds a stop has


@dataclass(slots=True)
class Loader:
    """One running loader. `clock` gives epoch milliseconds."""

    settings: Settings
    db: DuckDBPyConnection
    source: Source
    letters: DeadLetters
    snapshots: Snapshots
    clock: Callable[[], int]
    batch: Batch
    alarms: Alarms
    notes: Notes
    telling: Loading
    landed_at: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)
    away: bool = False
    stuck: bool = False
    stale: bool = False

    def run(self, stop: Event) -> None:
        """Load until `stop` is set, then land what was read and leave a snapshot."""
        while not stop.is_set():
            self._read()
            if self._due():
                self._land()
                self._ring()
            if self.snapshots.wanted() and self._land():
                self._snapshot()
        # What could not be delivered just now would only delay the end: it is read again.
        if not self.stuck and self._land() and self.stale and self._is_small():
            self._snapshot()

    def _read(self) -> None:
        if self.batch.size >= BATCH_RECORDS:  # Kafka does not take the dead letters: wait
            time.sleep(POLL_S)
            return
        messages = self.source.poll(POLL_S, POLL_RECORDS)
        at = self.clock()
        newest = self.telling.newest
        for message in messages:
            self.batch.take(message, at)
            newest[message.topic] = max(newest.get(message.topic, 0), message.timestamp)
        self.telling.waiting = self.batch.size
        self._listen(bool(messages))

    def _listen(self, heard: bool) -> None:
        """Say so, once, when Kafka goes away and when it is back."""
        now = time.monotonic()
        if not heard and now - self.heard_at < SILENCE_S:
            return
        self.heard_at = now
        here = heard or self.source.answers()
        if here == self.away:
            log.warning("Kafka answers again" if here else
                        "Kafka does not answer: the loader waits and goes on when it is back")
        self.away = self.telling.away = not here

    def _due(self) -> bool:
        waited = time.monotonic() - self.landed_at
        return self.batch.size >= BATCH_RECORDS or waited >= self.settings.land_seconds

    def _land(self) -> bool:
        """Land the batch; False if Kafka did not acknowledge its dead letters: it stays whole."""
        self.landed_at = time.monotonic()
        if not self.batch.size:
            return True
        if not self._deliver():
            return False
        self.alarms.note(self.batch.refused, self.batch.taken, self.clock())
        self._commit()
        self.batch = Batch(self.batch.names)
        self.stale = True
        checkpoint_if_large(self.db, self.settings.warehouse_path)
        return True

    def _commit(self) -> None:
        begun = time.monotonic()
        landed = land(self.db, self.batch, self.clock())
        log.info("landed %d records, %d new ledger entries, %d refused, %.2f s", landed.records,
                 landed.entries, len(self.batch.refused), time.monotonic() - self.landed_at)
        for one in self.batch.refused[:REFUSED_TOLD]:
            log.info("refused: %s", one.reason, extra=fields(
                topic=one.topic, partition=one.partition, offset=one.offset))
        self.telling.landed(self.batch, landed, self.clock(), time.monotonic() - begun)
        self.notes.landed(self.batch.offsets)

    def _deliver(self) -> bool:
        try:
            self.letters.send(self.batch.refused)
            self.stuck = False
        except KafkaError as error:
            log.warning("Kafka did not take %d rejections, trying again: %s",
                        len(self.batch.refused), error)
            self.stuck = True
        self.telling.stuck = self.stuck
        return not self.stuck

    def _ring(self) -> None:
        for line in self.alarms.news(self.clock()):
            log.warning(line)

    def _snapshot(self) -> None:
        """Without one publications are late; without loading, everything is."""
        begun = time.monotonic()
        try:
            self.snapshots.take(self.clock())
        except OSError as error:
            log.error("no snapshot: %s; the last one stays and loading goes on", error)
            self.telling.snapshot_failures += 1
        else:
            self.stale = False
            self.telling.snapshots.add(time.monotonic() - begun)

    def _is_small(self) -> bool:
        return self.settings.warehouse_path.stat().st_size < LAST_SNAPSHOT_BYTES


def load(
    settings: Settings,
    catalogue: Catalogue,
    stop: Event,
    clock: Callable[[], int] = now_ms,
    patience_s: float = START_PATIENCE_S,
    telling: Loading | None = None,
) -> None:
    """Load until `stop` is set; what is done is counted in `telling`.

    Raises:
        WarehouseError: Kafka cannot be reached within `patience_s`, has lost records, lacks a
            topic; or the warehouse is in use, broken, or newer than this program.
        KafkaError: it went away while the loader started.
        duckdb.Error, OSError: the disk is full or fails; what was committed stays.
    """
    with opened(settings.warehouse_path, clock()) as db, ExitStack() as stack:
        load_dimensions(db, catalogue)
        prepare(db)
        bootstrap = reach(settings, patience_s, stop)
        if bootstrap is None:
            return
        try:
            loader = _connected(stack, settings, db, bootstrap, clock, telling or Loading())
        except KafkaError:
            if stop.is_set():
                return
            raise
        log.info("loading from %s into %s", bootstrap, settings.warehouse_path)
        loader.run(stop)


def _connected(
    stack: ExitStack, settings: Settings, db: DuckDBPyConnection, bootstrap: str,
    clock: Callable[[], int], telling: Loading,
) -> Loader:
    names = Names.of(settings)
    check_topics(db, topic_ids(bootstrap, names))
    source = stack.enter_context(closing(Source(bootstrap, names, known_offsets(db))))
    telling.offsets, telling.away = source.starts, False
    notes = stack.enter_context(Notes(bootstrap, settings.topic("loader"), clock))
    notes.landed(telling.offsets)
    letters = stack.enter_context(closing(DeadLetters(bootstrap, names.rejections)))
    copies = stack.enter_context(snapshots(settings, db))
    alarms = Alarms.of(settings, "loader")
    return Loader(settings, db, source, letters, copies, clock, Batch(names), alarms,
                  notes, telling)
