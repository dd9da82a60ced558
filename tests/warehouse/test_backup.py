"""Back-ups: consistent while loading goes on, and brought back without a record lost or doubled."""

import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipeline.cli import commands
from pipeline.settings import Settings
from tests.warehouse.helpers import DAY, NOON, entry, rows, snapshot_of, teacher, warehouse
from tests.warehouse.helpers import Log as Sent
from tests.warehouse.live import environment, loading
from tests.warehouse.summer import Summer
from warehouse.backup import back_up, look, restore
from warehouse.errors import WarehouseError
from warehouse.manifest import read_manifest
from warehouse.publisher import publish_once

NOW = NOON + DAY
TABLES = ("ledger", "progress", "course_progress", "daily", "teachers")


@pytest.mark.kafka
def test_rule_14_a_restored_warehouse_catches_up_from_kafka_to_the_same_figures(
    settings: Settings, tmp_path: Path
) -> None:
    summer, kept = Summer(settings), tmp_path / "kept" / "warehouse.duckdb"
    kept.parent.mkdir()
    summer.send_part()
    with loading(settings):
        summer.await_all()
        made = back_up(settings, kept, NOW)  # the loader goes on
        summer.send_part()
        summer.await_all()
    after = publish_once(settings)
    shutil.rmtree(settings.warehouse_path.parent)  # the disk is gone
    assert restore(settings, kept).records == made.records
    with duckdb.connect(settings.warehouse_path, read_only=True) as db:
        assert sum(summer.require_consistent(db).values()) == made.records
    with loading(settings):
        summer.await_all()
        summer.send_part()
        summer.await_all()
    assert publish_once(settings).sequence == after.sequence + 1


@pytest.mark.kafka
def test_rule_14_the_warehouse_is_built_again_from_kafka_alone(settings: Settings) -> None:
    summer = Summer(settings)
    for _ in range(2):
        summer.send_part()
    with loading(settings):
        summer.await_all()
    with duckdb.connect(settings.warehouse_path, read_only=True) as db:
        before = {table: _of(db, table) for table in TABLES}
    shutil.rmtree(settings.warehouse_path.parent)
    with loading(settings):
        summer.await_all()
    with duckdb.connect(settings.warehouse_path, read_only=True) as db:
        assert {table: _of(db, table) for table in TABLES} == before


@pytest.mark.kafka
def test_the_days_since_a_back_up_are_replayed_into_it_again_and_again(
    settings: Settings, tmp_path: Path
) -> None:
    """A day is replayed by restoring the back-up of the evening before."""
    summer, evening = Summer(settings), tmp_path / "evening.duckdb"
    summer.send_part()
    with loading(settings):
        summer.await_all()
    back_up(settings, evening, NOW)  # without a loader, too
    summer.send_part()
    for _ in range(2):
        restore(settings, evening)
        with loading(settings):
            summer.await_all()


def _of(db: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    """All rows without the moments at which they were landed."""
    return sorted(rows(db, f"SELECT * EXCLUDE (landed_at) FROM {table}")
                  if "landed_at" in {one for one, *_ in rows(db, f"DESCRIBE {table}")}
                  else rows(db, f"FROM {table}"), key=str)


@pytest.fixture
def kept(local: Settings, tmp_path: Path) -> Path:
    """A back-up of a warehouse that has one teacher; without Kafka."""
    log = Sent()
    records = [*log.roster(teacher("anna", "s1")), *log.ledger(entry("anna", 1, "enrolled"))]
    snapshot_of(local, records)
    path = tmp_path / "kept.duckdb"
    back_up(local, path, NOW)
    return path


def test_what_is_published_is_not_taken_back_by_an_older_warehouse(
    local: Settings, kept: Path
) -> None:
    log = Sent()
    more = [*log.roster(teacher("anna", "s1")),
            *log.ledger(entry("anna", 1, "enrolled"), entry("anna", 2, "started"))]
    snapshot_of(local, more, NOW + 1000)
    published = publish_once(local)
    restore(local, kept)
    with warehouse(local):
        pass
    shutil.copy(kept, local.snapshot_path)
    with pytest.raises(WarehouseError, match=r"publishing goes on when the loader has caught up"):
        publish_once(local)
    assert read_manifest(local.published_dir) == published


def test_the_warehouse_that_was_there_is_kept(local: Settings, kept: Path) -> None:
    before = local.warehouse_path.read_bytes()
    restore(local, kept)
    aside = local.warehouse_path.with_name("before-restore.duckdb")
    assert aside.read_bytes() == before
    assert not local.snapshot_path.exists(), "it belongs to the other past"


def test_what_cannot_be_brought_back_leaves_all_as_it_is(
    local: Settings, kept: Path, tmp_path: Path
) -> None:
    sum_file = kept.with_name(kept.name + ".sha256")
    good, good_sum = kept.read_bytes(), sum_file.read_text()
    kept.write_bytes(good[:-1] + b"x")
    _refused(local, kept, "is damaged")
    kept.write_bytes(good)
    sum_file.unlink()
    _refused(local, kept, "a back-up is both files")
    sum_file.write_text("")
    _refused(local, kept, "holds no sum")
    with duckdb.connect(kept) as db:
        db.execute("INSERT INTO migrations VALUES (99, 'later', now())")
    with pytest.raises(WarehouseError, match="newer xueshi"):
        look(kept)
    sum_file.write_text(good_sum)
    _refused(local, tmp_path / "none.duckdb", "there is no")
    kept.write_bytes(good)
    with warehouse(local):
        _refused(local, kept, "another loader is at work")
    restore(local, kept)


def _refused(local: Settings, source: Path, why: str) -> None:
    before = local.warehouse_path.read_bytes()
    with pytest.raises(WarehouseError, match=why):
        restore(local, source)
    assert local.warehouse_path.read_bytes() == before


def test_both_commands_say_what_they_did_or_why_not(
    local: Settings, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environment(local).items():
        monkeypatch.setenv(key, value)
    run = CliRunner()
    done = run.invoke(commands, ["warehouse", "backup", str(tmp_path / "again.duckdb")])
    assert (done.exit_code, "holds: all there was at" in done.stdout) == (0, True), done.output
    done = run.invoke(commands, ["warehouse", "restore", str(kept)])
    assert (done.exit_code, "restored: all there was at" in done.stdout) == (0, True)
    done = run.invoke(commands, ["warehouse", "restore", str(tmp_path / "none")])
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
