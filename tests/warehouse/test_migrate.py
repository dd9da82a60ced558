"""Migrations: in order, once, each whole or not at all."""

from pathlib import Path

import duckdb
import pytest

from pipeline.settings import Settings
from tests.warehouse.helpers import NOON, rows
from warehouse.errors import WarehouseError
from warehouse.migrate import migrate, migrations
from warehouse.store import opened


def test_a_new_warehouse_has_every_migration_once(local: Settings) -> None:
    for _ in range(2):
        with opened(local.warehouse_path, NOON) as db:
            found = rows(db, "SELECT number, name FROM migrations ORDER BY number")
    assert found == [(m.number, m.name) for m in migrations()]


def test_a_newer_warehouse_is_left_alone(local: Settings) -> None:
    with opened(local.warehouse_path, NOON) as db:
        db.execute("INSERT INTO migrations VALUES (99, 'later', now())")
    with (
        pytest.raises(WarehouseError, match="version 99, but this program knows only"),
        opened(local.warehouse_path, NOON),
    ):
        pass


def test_a_failing_migration_leaves_nothing_and_keeps_those_before(tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (x INTEGER)")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (x INTEGER); SELECT nonsense;")
    with duckdb.connect() as db:
        with pytest.raises(duckdb.BinderException):
            migrate(db, NOON, tmp_path)
        tables = {name for (name,) in rows(db, "SELECT table_name FROM duckdb_tables()")}
        assert tables == {"migrations", "good"}
        assert rows(db, "SELECT number FROM migrations") == [(1,)]


def test_a_hole_in_the_numbers_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").touch()
    (tmp_path / "0003_c.sql").touch()
    with pytest.raises(WarehouseError, match="without a hole"):
        migrations(tmp_path)


def test_a_file_that_is_no_database_is_a_clear_error(local: Settings) -> None:
    local.warehouse_path.parent.mkdir(parents=True)
    local.warehouse_path.write_bytes(b"garbage" * 10_000)
    with (
        pytest.raises(WarehouseError, match="cannot open the warehouse"),
        opened(local.warehouse_path, NOON),
    ):
        pass


def test_two_loaders_cannot_share_a_warehouse(local: Settings) -> None:
    with (
        opened(local.warehouse_path, NOON),
        pytest.raises(WarehouseError, match="another loader is at work"),
        opened(local.warehouse_path, NOON),
    ):
        pass


def test_a_read_only_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(WarehouseError, match="cannot write"),
        opened(tmp_path / "file" / "warehouse.duckdb", NOON),
    ):
        pass
