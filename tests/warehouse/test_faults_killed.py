"""The loader, killed at every named point of its work: nothing is lost, nothing is doubled."""

import random
import signal
import time
from collections.abc import Collection
from pathlib import Path
from threading import Event, Lock, Thread

import duckdb
import pytest

from chaos.victim import points
from pipeline.settings import Settings
from tests.warehouse.dying import died_there, victim
from tests.warehouse.helpers import rows
from tests.warehouse.live import eventually, loading
from tests.warehouse.summer import GARBAGE, Offsets, Summer, copied, offsets_of
from warehouse.publisher import publish_once
from warehouse.snapshot import request_path

pytestmark = pytest.mark.kafka

# Each of another kind; the others, beside them, only in long runs.
QUICK = {"between-migrations", "inside-dimensions", "between-rejections", "after-rejections",
         "inside-transaction", "before-commit", "after-commit", "checkpoint-before-header",
         "checkpoint-before-truncate", "inside-copy", "before-snapshot-rename"}
AT_START = ["between-migrations", "inside-dimensions"]
LANDING = ["before-rejections", "between-rejections", "after-rejections", "before-transaction",
           "inside-transaction", "after-ledger", "before-commit", "after-commit"]
SNAPSHOT = ["before-checkpoint", "checkpoint-before-wal-flush", "checkpoint-before-wal-finish",
            "checkpoint-after-free-list", "checkpoint-before-header",
            "checkpoint-before-truncate", "before-copy", "inside-copy",
            "before-snapshot-rename", "after-snapshot-rename"]


def test_every_point_of_the_loader_is_tried() -> None:
    tried = {f"loader:{name}" for name in AT_START + LANDING + SNAPSHOT}
    assert set(points("loader")) == tried


def die_at(settings: Settings, name: str) -> int:
    """Let a loader die there; how often it had landed something, and said so, before.

    A snapshot is asked for as soon as the loader has landed once.
    """
    point, call = f"loader:{name}", 2 if name in AT_START else 1
    with victim(settings, point, call) as process:
        if name in SNAPSHOT:
            assert process.stderr is not None
            assert any("landed" in line for line in process.stderr), "it never landed anything"
            request_path(settings).touch()
            died_there(process, point)
            return 1
        return sum("landed" in line for line in died_there(process, point, call))


@pytest.mark.parametrize("names", [
    pytest.param(QUICK, id="one of each kind"),
    pytest.param(AT_START + LANDING + SNAPSHOT, id="all", marks=pytest.mark.soak)])
def test_rule_14_killed_at_every_point_every_record_counts_once(
    settings: Settings, tmp_path: Path, names: Collection[str]
) -> None:
    """One warehouse that dies at every point in turn, each time with a part under way."""
    summer = Summer(settings)
    had: Offsets = {}
    for name in [name for name in AT_START + LANDING + SNAPSHOT if name in names]:
        summer.send_part()
        landings = die_at(settings, name)
        with copied(settings, tmp_path / "copy") as db:
            if name != "between-migrations":  # it has not all of its tables yet
                summer.require_consistent(db)
                has = offsets_of(db)
                # What shows that it died where it says: it moved on only where it had committed.
                assert (has != had) == (landings > 0 or name == "after-commit"), name
                had = has
        if settings.snapshot_path.exists():  # whole, from before or from now
            with duckdb.connect(settings.snapshot_path, read_only=True) as db:
                summer.require_consistent(db)
    load_all(settings, summer)
    assert publish_once(settings).sequence == 1  # every check of a publication holds, too
    assert not list(settings.warehouse_path.parent.glob(".*")), "a dead one's leftovers"


def load_all(settings: Settings, summer: Summer) -> None:
    """A loader that nobody disturbs, until all is in, and its orderly end."""
    with loading(settings) as process:
        assert process.stderr is not None
        assert any("loading from" in line for line in process.stderr), "it never began"
        summer.await_all()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_snapshot_over_which_a_loader_died_is_made_by_the_next(settings: Settings) -> None:
    """Nobody asks again: whoever asked still waits."""
    Summer(settings).send_part()
    die_at(settings, "inside-copy")
    assert not settings.snapshot_path.exists()
    with loading(settings):
        eventually(settings.snapshot_path.exists)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_rule_14_killed_at_any_moment_under_load(
    settings: Settings, tmp_path: Path, seed: int
) -> None:
    """Moments that no table names: 30 deaths, while the summer goes on and snapshots are made."""
    rng, summer, enough, whole = random.Random(seed), Summer(settings), Event(), Lock()

    def feed() -> None:
        while not enough.wait(0.1):
            with whole:
                summer.send_part()
            request_path(settings).touch()

    feeder = Thread(target=feed)
    summer.send_part()
    load_all(settings, summer)  # so that there is something to look at
    feeder.start()
    moved = 0
    try:
        for _ in range(30):
            with loading(settings) as process:
                moment = time.monotonic() + rng.uniform(0.3, 3.0)
                while time.monotonic() < moment:
                    assert process.poll() is None
                process.kill()
            with copied(settings, tmp_path / "copy") as db, whole:
                moved += bool(summer.require_consistent(db))
    finally:
        enough.set()
        feeder.join()
    assert moved > 15, "most of them died at work"
    load_all(settings, summer)


@pytest.mark.soak
def test_rule_19_rejections_sent_and_not_landed_are_kept_once(
    settings: Settings, tmp_path: Path
) -> None:
    """Three lives send the same dead letters to Kafka; the warehouse knows them by their place."""
    summer = Summer(settings)
    summer.send_part()
    for _ in range(3):
        assert die_at(settings, "before-commit") == 0
    load_all(settings, summer)
    with copied(settings, tmp_path / "copy") as db:
        read = offsets_of(db)[settings.topic("rejections"), 0]
        assert (read, rows(db, "SELECT count(*) FROM rejections")) == (4 * GARBAGE, [(GARBAGE,)])
