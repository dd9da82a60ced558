"""How the loader and the publisher leave in the middle of their work, and when DuckDB gives up."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.dying import stands_there, told, victim
from tests.warehouse.helpers import DAY, NOON, snapshot_of
from tests.warehouse.live import environment, eventually, in_snapshot, loading
from tests.warehouse.summer import Summer, copied
from warehouse.manifest import read_manifest
from warehouse.publications import is_whole
from warehouse.publisher import publish_once
from warehouse.snapshot import request_path
from warehouse.store import locked

STOP_S = 10.0
TOLD = (signal.SIGTERM, signal.SIGINT, signal.SIGTERM)  # the second and the third change nothing
PUBLISHER = [sys.executable, "-c", "from warehouse.cli import publisher; publisher()"]
FATAL = [sys.executable, "-c",
         "from warehouse import store; store.CONFIG['debug_checkpoint_abort'] = 'before_header';"
         "from warehouse.cli import loader; loader()"]


def goes_on(process: "subprocess.Popen[str]") -> int:
    """Wake up who stands still, with signals waiting; the exit code."""
    for number in TOLD:
        process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    return process.wait(STOP_S)


@pytest.mark.kafka
def test_a_loader_told_to_stop_lands_what_it_had_begun(
    settings: Settings, tmp_path: Path
) -> None:
    point, summer = "loader:before-commit", Summer(settings)
    summer.send_part()
    with victim(settings, point, by="STOP") as process:
        stands_there(process, point)
        assert goes_on(process) == 0
    assert in_snapshot(settings, "SELECT count(*) > 0 FROM ledger") == [(True,)]
    with copied(settings, tmp_path / "copy") as db:
        assert summer.require_consistent(db), "it has landed"


def test_a_publisher_told_to_stop_leaves_nothing_half(local: Settings) -> None:
    snapshot_of(local, country())
    before = publish_once(local)
    snapshot_of(local, [], NOON + 2 * DAY)
    point = "publisher:between-files"
    with victim(local, point, by="STOP") as process:
        stands_there(process, point)
        assert goes_on(process) == 0
    assert read_manifest(local.published_dir) == before
    assert is_whole(local.published_dir, before)
    assert {path.name for path in local.published_dir.iterdir()} == {
        "manifest.json", "publisher.lock", *(file.name for file in before.all_files)}


def test_a_publisher_does_not_wait_for_a_silent_loader_when_told_to_stop(local: Settings) -> None:
    snapshot_of(local, country())
    with (locked(local.warehouse_path.with_name("loader.lock"), "loader"),
          subprocess.Popen(PUBLISHER, env=told(local), stderr=subprocess.PIPE) as process):
        try:
            eventually(request_path(local).exists)  # it has asked, and would wait for half a minute
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_S) == 0
        finally:
            process.kill()


def test_a_signal_while_it_looks_whether_to_stop_is_heeded() -> None:
    """Where the event's lock is held, as in a moment of every `wait`."""
    code = """
import os, signal
from warehouse.process import process
with process("loader") as stop:
    with vars(stop)["_cond"]:
        os.kill(os.getpid(), signal.SIGTERM)
    while not stop.wait(60):
        pass"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=STOP_S)


def test_what_cannot_finish_in_time_is_left_as_it_is() -> None:
    """Whatever it is busy with: a statement of minutes, a Kafka client that waits for ever."""
    code = """
import time
from warehouse import process
process.LEAVING_S = 0.3
with process.process("loader"):
    print("busy", flush=True)
    time.sleep(60)"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as busy:
        assert busy.stdout is not None
        assert busy.stderr is not None
        assert busy.stdout.readline() == "busy\n"
        busy.send_signal(signal.SIGTERM)
        assert busy.wait(STOP_S) == 0
        assert "loader is still busy" in busy.stderr.read()


@pytest.mark.kafka
def test_a_fatal_error_of_duckdb_ends_the_loader_and_nothing_is_lost(settings: Settings) -> None:
    summer = Summer(settings)
    summer.send_part()
    with subprocess.Popen(FATAL, env=environment(settings), stderr=subprocess.PIPE,
                          text=True) as process:
        assert process.stderr is not None
        assert any("landed" in line for line in process.stderr)
        request_path(settings).touch()
        lines = process.stderr.read().splitlines()
        assert process.wait() == 1
    assert lines[-1].startswith("Error: DuckDB: FATAL Error: ")
    assert "Traceback" not in "\n".join(lines)
    with loading(settings):
        summer.await_all()
