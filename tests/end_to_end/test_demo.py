"""The whole path as `make demo` runs it, small: every role and every cheat of the simulator."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.roles import CYCLE

pytestmark = pytest.mark.kafka


def demo(kafka: str, var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "demo", *arguments], text=True, capture_output=True,
        env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": kafka, "XUESHI_VAR_DIR": str(var)},
        timeout=240, check=False,
    )


def test_everybody_ends_with_exactly_what_is_true(kafka: str, tmp_path: Path) -> None:
    done = demo(kafka, tmp_path, "--teachers", str(CYCLE), "--heartbeats", "20000", "--seed", "11")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"RIGHT: all {CYCLE} teachers" in done.stdout
    assert "unexpected answer" not in done.stdout
    assert "已认定" in done.stdout, "the district's report is shown"
    assert (tmp_path / "demo" / "warehouse" / "warehouse.duckdb").exists()
    assert (tmp_path / "demo" / "published" / "manifest.json").exists()


def test_a_file_in_the_place_of_var_is_said_in_one_line(kafka: str, tmp_path: Path) -> None:
    in_the_way = tmp_path / "var"
    in_the_way.write_text("")
    done = demo(kafka, in_the_way, "--teachers", "1")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert str(in_the_way) in done.stderr
