"""Copy (d): DuckDB and the published files hold the truth, and every change is found."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from chaos.copies.figures import Figures, compare
from chaos.copies.stored import read_published, read_state, read_stored_ledger
from pipeline.settings import Settings
from simulator.catalogue import Catalogue
from tests.chaos.summer import Summer
from tests.warehouse.helpers import NAMES, Sent, land_all, warehouse
from warehouse.errors import WarehouseError
from warehouse.publisher import publish_once
from warehouse.snapshot import snapshots

LONG_AFTER = 1_700_000_000_000


@pytest.fixture(scope="session")
def landed(one_summer: Summer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Everything landed and published; not to be changed."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("landed"))
    ledger = [Sent(NAMES.ledger, one.partition, one.offset, one.key, one.value)
              for one in one_summer.topics["ledger"].records]
    roster = [Sent(NAMES.roster, 0, n, b"k", one.to_json())
              for n, one in enumerate(one_summer.roster)]
    with warehouse(settings, one_summer.catalogue) as db, snapshots(settings, db) as copies:
        land_all(db, [*roster, *ledger], LONG_AFTER)
        copies.take(LONG_AFTER)
    publish_once(settings)
    return settings


def test_rule_14_the_warehouse_and_the_published_files_hold_the_truth(
    landed: Settings, truth: Figures, programmes: Catalogue
) -> None:
    for copy in (read_state(landed), read_stored_ledger(landed, programmes),
                 read_published(landed)):
        assert [str(one) for one in compare(copy, truth)] == []
        assert all(any(key.what == held for key in copy.figures) for held in copy.holds)


@pytest.fixture
def mine(landed: Settings, tmp_path: Path) -> Settings:
    """A copy of the warehouse, to be changed."""
    settings = Settings(var_dir=tmp_path)
    settings.warehouse_path.parent.mkdir(parents=True)
    settings.warehouse_path.write_bytes(landed.warehouse_path.read_bytes())
    return settings


CHANGES = {
    "UPDATE course_progress SET credited = credited + 1 WHERE teacher_id = ?": {"credited"},
    "DELETE FROM course_progress WHERE teacher_id = ?": {"learned", "credited"},
    "UPDATE progress SET recognised = 0 WHERE teacher_id = ?": {"recognised"},
    "INSERT INTO course_progress FROM course_progress WHERE teacher_id = ? LIMIT 1":
        {"learned is there twice", "credited is there twice"},
    "UPDATE daily SET completed = completed + 1 WHERE ? <> ''": {"all.completed"},
    "DELETE FROM daily WHERE ? <> '' AND learned > 0": {"all.learned"},
}


@pytest.mark.parametrize("sql", CHANGES)
def test_a_changed_state_is_found(
    mine: Settings, truth: Figures, finisher: str, sql: str
) -> None:
    with duckdb.connect(mine.warehouse_path) as db:
        db.execute(sql, [finisher])
    assert {one.what for one in compare(read_state(mine), truth)} >= CHANGES[sql]


@pytest.mark.parametrize(("sql", "expected"), [
    ("DELETE FROM ledger WHERE kind = 'completed' AND teacher_id = ?", {"recognised"}),
    ("INSERT INTO ledger FROM ledger WHERE kind = 'learned' AND teacher_id = ?",
     {"learned", "counted"}),
])
def test_a_changed_ledger_is_found(
    mine: Settings, truth: Figures, programmes: Catalogue, finisher: str, sql: str,
    expected: set[str],
) -> None:
    with duckdb.connect(mine.warehouse_path) as db:
        db.execute(sql, [finisher])
    found = compare(read_stored_ledger(mine, programmes), truth)
    assert {one.what for one in found} == expected
    assert {one.teacher_id for one in found} == {finisher}


def test_publishing_other_figures_is_found(
    landed: Settings, truth: Figures, one_summer: Summer
) -> None:
    """What would be found if a school, a region or a day said otherwise."""
    copy = read_published(landed)
    for kind in ("school.learned", "school.completed", "school.course.credited",
                 "region.on_roster", "region.course.learned", "all.enrolled", "recognised"):
        key = next(key for key, amount in copy.figures.items() if key.what == kind and amount)
        changed = replace(copy, figures={**copy.figures, key: copy.figures[key] + 1})
        [found] = compare(changed, truth)
        assert (found.what, found.place) == (kind, key.place)
        missing = {k: amount for k, amount in copy.figures.items() if k != key}
        assert len(compare(replace(copy, figures=missing), truth)) == 1


def test_a_warehouse_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    with pytest.raises(WarehouseError, match="cannot read the warehouse"):
        read_state(settings)
