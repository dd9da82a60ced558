"""Unexpected state: damaged files, no right to write. One clear last line, an exit code not 0.

Tests run as root, whom no permission stops, so children lose the capabilities that make it so
(CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH): what is written about mode bits then holds for them. For
any other user it holds anyway.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.dying import told
from tests.warehouse.helpers import DAY, NOON, snapshot_of, warehouse
from tests.warehouse.live import COMMAND
from warehouse.manifest import manifest_path, read_manifest
from warehouse.publisher import publish_once
from warehouse.store import locked

PUBLISHER = [sys.executable, "-c", "from warehouse.cli import publisher; publisher()"]
HEADERS, BLOCK = 3 * 4096, 256 * 1024  # of a DuckDB file
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def run(
    settings: Settings, *command: str, before: Callable[[], None] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=told(settings), preexec_fn=before, capture_output=True,
                          text=True, check=False, timeout=60)


def ended_clearly(done: "subprocess.CompletedProcess[str]") -> str:
    """Its last line; it ended by itself, not well, and told no programmer's story."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    line = done.stderr.rstrip("\n").splitlines()[-1]
    assert line.startswith("Error: ")
    return line


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(50_000))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def other_tables(path: Path) -> None:
    path.unlink()
    with duckdb.connect(path) as db:
        db.execute("CREATE TABLE cats (name VARCHAR)")


def newer(path: Path) -> None:
    with duckdb.connect(path) as db:
        db.execute("INSERT INTO migrations VALUES (9999, 'of_next_year', now())")


def worn(path: Path) -> None:
    """Some bytes of every block are not what was written."""
    with path.open("r+b") as file:
        for block in range(HEADERS, path.stat().st_size, BLOCK):
            file.seek(block + 100)
            file.write(os.urandom(100))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(("spoil", "told_"), [
    (garbage, "move the folder"), (a_folder, "cannot open the warehouse"),
    (newer, "upgrade the program"),
])
def test_a_damaged_warehouse_ends_the_loader(
    local: Settings, spoil: Callable[[Path], None], told_: str
) -> None:
    snapshot_of(local, country())
    spoil(local.warehouse_path)
    assert told_ in ended_clearly(run(local, *COMMAND))


@pytest.mark.parametrize(("spoil", "told_"), [
    (garbage, "a running loader makes a new one"), (cut, "snapshot.duckdb"),
    (other_tables, "Table with name loaded does not exist"), (worn, "checksum"),
])
def test_a_damaged_snapshot_is_not_published(
    local: Settings, spoil: Callable[[Path], None], told_: str
) -> None:
    snapshot_of(local, country())
    before = publish_once(local)
    snapshot_of(local, [], NOON + 2 * DAY)
    spoil(local.snapshot_path)
    assert told_ in ended_clearly(run(local, *PUBLISHER, "--once"))
    assert read_manifest(local.published_dir) == before


@pytest.mark.parametrize("spoil", [garbage, cut])
def test_a_damaged_manifest_is_told_and_replaced(
    local: Settings, spoil: Callable[[Path], None]
) -> None:
    snapshot_of(local, country())
    publish_once(local)
    spoil(manifest_path(local.published_dir))
    done = run(local, *PUBLISHER, "--once")
    assert done.returncode == 0
    assert "manifest.json is broken" in done.stderr
    assert read_manifest(local.published_dir).sequence == 2


def test_a_lock_that_is_held_ends_whoever_comes_second(local: Settings) -> None:
    with warehouse(local):
        assert "another loader is at work" in ended_clearly(run(local, *COMMAND))
    with locked(local.published_dir / "publisher.lock", "publisher"):
        for command in ([*PUBLISHER, "--once"], PUBLISHER):
            assert "another publisher is at work" in ended_clearly(run(local, *command))


def without_privilege() -> None:
    """For `preexec_fn`: root like any other user."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if os.geteuid() == 0 and libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


@pytest.mark.parametrize(("where", "mode", "told_"), [
    ("", 0o500, "cannot write"),
    ("warehouse", 0o500, "warehouse.duckdb.wal"),
    ("warehouse/warehouse.duckdb", 0o400, "cannot open the warehouse"),
])
def test_a_loader_that_may_not_write_says_so(
    local: Settings, where: str, mode: int, told_: str
) -> None:
    if where:
        snapshot_of(local, country())
    (local.var_dir / where).chmod(mode)
    line = ended_clearly(run(local, *COMMAND, before=without_privilege))
    assert told_ in line
    assert "ermission denied" in line
    (local.var_dir / where).chmod(0o700)


@pytest.mark.parametrize(("where", "mode", "told_"), [
    ("published", 0o500, "published"),
    ("warehouse/snapshot.duckdb", 0o000, "snapshot"),
])
def test_a_publisher_that_may_not_says_so_and_the_last_publication_stays(
    local: Settings, where: str, mode: int, told_: str
) -> None:
    snapshot_of(local, country())
    before = publish_once(local)
    snapshot_of(local, [], NOON + 2 * DAY)
    (local.var_dir / where).chmod(mode)
    line = ended_clearly(run(local, *PUBLISHER, "--once", before=without_privilege))
    assert told_ in line
    assert "ermission denied" in line
    (local.var_dir / where).chmod(0o700)
    assert read_manifest(local.published_dir) == before
