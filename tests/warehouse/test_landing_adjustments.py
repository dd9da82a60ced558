"""What people decide, in the warehouse: the ledger says who and why, completion may go and come."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest

from pipeline.schemas.ledger import LedgerEntry
from pipeline.settings import Settings
from tests.warehouse.helpers import DAY, NOON, Log, entry, land_all, rows, story, warehouse

WHY = {"adjustment_id": "a1", "by": "admin-1", "reason": "现场研修"}
PROGRESS = "SELECT last_seq, epoch_ms(completed_at), learned, credited, recognised FROM progress"
COMPLETED = "SELECT local_day, completed FROM daily WHERE completed <> 0 ORDER BY ALL"
WHOLE = story("a", ("enrolled",), ("started",), ("learned", "ideals", 6000, 5400),
              ("learned", "cases", 3000, 2700), ("completed",))


def decided(seq: int, kind: str, at: int, **more: object) -> LedgerEntry:
    base = entry("a", seq, "held", at=at).model_dump(exclude_none=True)
    return LedgerEntry.model_validate({**base, "kind": kind, **WHY, **more})


HELD = [decided(6, "held", NOON + DAY), entry("a", 7, "reopened", at=NOON + DAY)]
RELEASED = [decided(8, "reversed", NOON + 2 * DAY, reverses="a1"), entry("a", 9, "completed")]


def test_rule_13_a_hold_takes_completion_away_and_its_reversal_gives_it_back(
    local: Settings,
) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(*WHOLE))
        assert rows(db, PROGRESS) == [(5, NOON, 9000, 8100, 8100)]
        land_all(db, log.ledger(*HELD))
        assert rows(db, PROGRESS) == [(7, None, 9000, 8100, 0)]
        assert rows(db, COMPLETED) == [(date(2023, 7, 20), 1), (date(2023, 7, 21), -1)]
        land_all(db, log.ledger(*RELEASED))
        assert rows(db, PROGRESS) == [(9, NOON, 9000, 8100, 8100)]
        assert rows(db, "SELECT seq, adjustment_id, reverses, decided_by, reason FROM ledger "
                        "WHERE decided_by IS NOT NULL ORDER BY seq") == [
            (6, "a1", None, "admin-1", "现场研修"), (8, "a1", "a1", "admin-1", "现场研修")]


@pytest.mark.parametrize("cuts", [(0, 9), (0, 5, 9), (0, 6, 7, 9), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
                                  (0, 4, 8, 9)])
def test_rule_14_however_the_entries_are_batched_the_figures_are_the_same(
    local: Settings, cuts: Sequence[int]
) -> None:
    log, everything = Log(), [*WHOLE, *HELD, *RELEASED]
    with warehouse(local) as db:
        for start, end in pairwise(cuts):
            land_all(db, log.ledger(*everything[start:end]))
        assert rows(db, PROGRESS) == [(9, NOON, 9000, 8100, 8100)]
        assert rows(db, "SELECT sum(completed) FROM daily") == [(1,)]


def test_a_grant_and_its_withdrawal_move_the_course_and_its_days(local: Settings) -> None:
    log = Log()
    with warehouse(local) as db:
        land_all(db, log.ledger(
            *WHOLE[:3],
            decided(4, "granted", NOON, course_id="cases", seconds=2700, learned=2700,
                    credited=2700),
            decided(5, "withdrawn", NOON + DAY, course_id="cases", seconds=700, learned=2000,
                    credited=2000)))
        assert rows(db, PROGRESS) == [(5, None, 8000, 7400, 0)]
        assert rows(db, "SELECT local_day, learned, credited FROM daily ORDER BY ALL") == [
            (date(2023, 7, 20), 8700, 8100), (date(2023, 7, 21), -700, -700)]
