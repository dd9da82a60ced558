"""A full disk, under the warehouse, its log, the snapshot, the published files and the logs.

The small disk is a tmpfs, where tests may mount one (as root here and in CI); it is skipped with
its reason where they may not. RLIMIT_FSIZE needs no rights and always runs. See disks.py.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.disks import SizeLimit, TmpDisk, mounted
from tests.warehouse.country import country
from tests.warehouse.dying import told
from tests.warehouse.helpers import DAY, NOON, snapshot_of
from tests.warehouse.live import COMMAND, environment, eventually, in_snapshot, loading
from tests.warehouse.summer import Summer
from warehouse.manifest import manifest_path, read_manifest
from warehouse.publications import is_whole
from warehouse.publisher import publish_once
from warehouse.snapshot import request_path

MEGABYTE = 2**20
PUBLISHER = [sys.executable, "-c", "from warehouse.cli import publisher; publisher()"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[TmpDisk]:
    try:
        with mounted(tmp_path / "disk", megabytes=32) as small:
            yield small
    except PermissionError as error:
        pytest.skip(f"nobody may mount here ({error}): RLIMIT_FSIZE shows it instead")


def last_line(process: "subprocess.Popen[str]") -> str:
    """Of a process that ended by itself, with an error."""
    assert process.stderr is not None
    lines = process.stderr.read().splitlines()
    assert process.wait(30) == 1, lines
    assert not any("Traceback" in line for line in lines)
    return lines[-1]


@pytest.mark.kafka
def test_rule_14_a_full_disk_ends_the_loader_and_space_lets_it_go_on(
    settings: Settings, disk: TmpDisk
) -> None:
    small = settings.model_copy(update={"var_dir": disk.path})
    summer = Summer(small)
    summer.send_part()
    with loading(small) as process:
        eventually(lambda: in_snapshot(small, "SELECT count(*) FROM ledger") != [])
        disk.fill()
        summer.send_part()
        line = last_line(process)
        assert line.startswith("Error: DuckDB: ")
        assert "No space left on device" in line
    with loading(small) as process:  # it is still full: the same again, and as clear
        assert "No space left on device" in last_line(process)
    disk.free()
    with loading(small) as process:
        summer.await_all()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.kafka
def test_a_checkpoint_on_a_full_disk_ends_the_loader_and_loses_nothing(
    settings: Settings, disk: TmpDisk
) -> None:
    small = settings.model_copy(update={"var_dir": disk.path})
    summer = Summer(small)
    summer.send_part()
    with loading(small) as process:
        assert process.stderr is not None
        assert any("landed" in line for line in process.stderr)
        disk.fill()
        request_path(small).touch()
        assert "No space left on device" in last_line(process)
    disk.free()
    with loading(small):
        summer.await_all()


@pytest.mark.kafka
def test_no_room_for_a_snapshot_keeps_the_last_one_and_loading_goes_on(
    settings: Settings, disk: TmpDisk
) -> None:
    small = settings.model_copy(update={"var_dir": disk.path})
    summer = Summer(small)
    summer.send_part()
    with loading(small) as process:
        summer.await_all()
        last = small.snapshot_path.stat()
        disk.fill(leave=last.st_size // 2)
        request_path(small).touch()
        assert process.stderr is not None
        said = next(line for line in process.stderr if "no snapshot" in line)
        assert "No space left on device" in said
        assert small.snapshot_path.stat() == last
        summer.send_part()
        assert any("landed" in line for line in process.stderr)
        disk.free()
        summer.await_all()


@pytest.mark.kafka
def test_rule_14_a_log_that_may_not_grow_ends_the_loader_and_loses_nothing(
    settings: Settings,
) -> None:
    """The same as on a full disk, by RLIMIT_FSIZE: the commit itself breaks off."""
    summer = Summer(settings)
    for _ in range(3):
        summer.send_part()
    for size in (20_000, 60_000):  # in the log of the migrations, and in that of the landing
        done = subprocess.run(COMMAND, env=environment(settings), preexec_fn=SizeLimit(size),
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1, done.stderr
        assert "File too large" in done.stderr.splitlines()[-1]
    with loading(settings):
        summer.await_all()


def published_twice(settings: Settings) -> None:
    """One publication, and a snapshot for the next one."""
    snapshot_of(settings, country())
    publish_once(settings)
    snapshot_of(settings, [], NOON + 2 * DAY)


def publishing(
    settings: Settings, limit: SizeLimit | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*PUBLISHER, "--once"], env=told(settings), preexec_fn=limit,
                          capture_output=True, text=True, check=False, timeout=60)


def require_untouched(settings: Settings) -> None:
    """The first publication holds, whole, and nothing of another one lies about."""
    manifest = read_manifest(settings.published_dir)
    assert manifest.sequence == 1
    assert is_whole(settings.published_dir, manifest)
    found = {path.name for path in settings.published_dir.iterdir()}
    assert found - {"ballast"} == {
        "manifest.json", "publisher.lock", *(file.name for file in manifest.all_files)}


@pytest.mark.parametrize("leave", [0, 4], ids=lambda megabytes: f"{megabytes} MB left")
def test_a_publisher_without_space_keeps_the_last_good_publication(
    local: Settings, leave: int
) -> None:
    try:
        with mounted(local.published_dir, megabytes=32) as disk:
            published_twice(local)
            disk.fill(leave=leave * MEGABYTE)
            done = publishing(local)
            assert done.returncode == 1
            assert "No space left on device" in done.stderr.splitlines()[-1]
            require_untouched(local)
            disk.free()
            assert publishing(local).returncode == 0
            assert read_manifest(local.published_dir).sequence == 2
    except PermissionError as error:
        pytest.skip(f"nobody may mount here ({error}): RLIMIT_FSIZE shows it instead")


def test_a_publisher_whose_files_may_not_grow_keeps_the_last_good_publication(
    local: Settings,
) -> None:
    published_twice(local)
    for size in (100_000, 3 * MEGABYTE):
        done = publishing(local, SizeLimit(size))
        assert done.returncode == 1, size
        assert "File too large" in done.stderr.splitlines()[-1]
        require_untouched(local)
    assert publishing(local).returncode == 0


@pytest.mark.kafka
def test_a_full_disk_under_the_log_stops_no_landing(settings: Settings) -> None:
    """/dev/full is a file on a full disk for whoever writes to it."""
    summer = Summer(settings)
    summer.send_part()
    with (Path("/dev/full").open("w") as full,
          subprocess.Popen(COMMAND, env=environment(settings), stderr=full) as process):
        try:
            summer.await_all()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_full_disk_under_the_log_stops_no_publication(local: Settings) -> None:
    snapshot_of(local, country())
    with (Path("/dev/full").open("w") as full,
          subprocess.Popen(PUBLISHER, env=told(local), stderr=full) as process):
        try:
            eventually(manifest_path(local.published_dir).exists)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
