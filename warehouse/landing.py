"""One landing: rows, current state, rollups and offsets in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from pipeline.logs.line import fields
from warehouse.batch import Batch
from warehouse.decode import Row
from warehouse.sql import query
from warehouse.transaction import transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Landed:
    """What a landing did: records read, new ledger entries, and holes in their numbering."""

    records: int
    entries: int
    gaps: int


def prepare(db: DuckDBPyConnection) -> None:
    """Make the temporary tables of this connection."""
    db.execute(query("staging"))


def land(db: DuckDBPyConnection, batch: Batch, at: int) -> Landed:
    """Bring the batch into the warehouse, all of it or nothing; `at` in epoch ms.

    The caller has had `batch.refused` acknowledged: from here on the offsets are past them.

    Raises:
        duckdb.Error: nothing was landed; the transaction is rolled back.
    """
    db.execute("SET VARIABLE landed_at = make_timestamptz(?::BIGINT)", [at * 1000])
    with transaction(db):
        return _land(db, batch)


def _land(db: DuckDBPyConnection, batch: Batch) -> Landed:
    for table, rows in batch.rows.items():
        _append(db, table, rows)
    _append(db, "incoming_offsets", batch.offset_rows())
    # The roster first: a teacher's first entry is then counted under the school sent with it.
    if any(table.removeprefix("incoming_") in ROSTER_TABLES for table in batch.rows):
        db.execute(query("land_roster"))
    entries, gaps = _land_ledger(db) if batch.rows.get("incoming_ledger") else (0, 0)
    if batch.rows.get("incoming_rejections"):
        db.execute(query("land_rejections"))
    db.execute(query("land_offsets"))
    db.execute(query("clear_staging"))
    return Landed(batch.size, entries, gaps)


ROSTER_TABLES = {"regions", "schools", "teachers", "verifications", "removals"}


def _append(db: DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    with db.appender(table) as appender:
        appender.append_rows(rows)


def _land_ledger(db: DuckDBPyConnection) -> tuple[int, int]:
    """New entries and gaps. A gap does not stop the loading: every entry carries the course's
    totals, so what is known stays right, and one teacher must not hold up a country. It is
    kept in ledger_gaps, logged as an alarm, and shown by every publication.
    """
    db.execute(query("land_ledger"))
    row = db.execute("""
        SELECT count(*), count(*) FILTER (seq > previous_seq + 1),
               min({'partition': kafka_partition, 'offset': kafka_offset})
                   FILTER (seq > previous_seq + 1)
        FROM fresh""").fetchone()
    entries, gaps, example = row if row else (0, 0, None)
    if gaps:
        log.warning("ALARM: %d gaps in the ledger's numbering, entries were lost; the table "
                    "ledger_gaps has them", gaps, extra=fields(**example))
    return entries, gaps
