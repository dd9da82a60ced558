"""One short seeded run of `xueshi chaos`, and the long one with every fault (soak)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos.faults import FAULTS

pytestmark = pytest.mark.kafka

RUN = "from chaos.cli import chaos; chaos()"
SHORT = ("worker-after-changelog", "worker-stopped", "loader-in-transaction",
         "collector-with-unsent", "publisher-halfway", "poison-corpus")


def chaos(var: Path, *options: str, patience_s: float) -> tuple[str, int, dict[str, Any]]:
    """What it printed, its exit code, and its figures."""
    figures = var / "figures.json"
    done = subprocess.run(
        [sys.executable, "-c", RUN, *options, "--json", str(figures)], text=True,
        capture_output=True, env={**os.environ, "XUESHI_VAR_DIR": str(var)}, timeout=patience_s,
        check=False)
    assert figures.exists(), done.stdout + done.stderr
    return done.stdout, done.returncode, json.loads(figures.read_text())


def only(*faults: str) -> list[str]:
    return [word for fault in faults for word in ("--only", fault)]


def assert_all_is_right(said: str, code: int, figures: dict[str, Any], faults: set[str]) -> None:
    totals = figures["totals"]
    injected = [one for run in figures["runs"] for one in run["injected"]]
    assert code == 0, said
    assert {one["fault"] for one in injected} == faults
    assert all(one["evidence"] for one in injected)
    assert totals["faults_landed"] == totals["faults_injected"] == len(injected)
    assert totals["lost"] == totals["doubled"] == totals["differing"] == 0
    assert totals["figures_compared"] > 1000
    assert totals["stopped_s_max"] < 10


def test_rule_14_no_fault_costs_or_gives_anybody_a_second(tmp_path: Path) -> None:
    result = chaos(tmp_path, "--seed", "14", "--teachers", "30", "--workers", "2", *only(*SHORT),
                   patience_s=400)
    assert_all_is_right(*result, faults=set(SHORT))
    assert list(tmp_path.glob("chaos/*")) == [], "nothing is left of a good run"


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rule_14_every_fault_in_any_order(tmp_path: Path, seed: int) -> None:
    result = chaos(tmp_path, "--seed", str(seed), patience_s=3600)
    assert_all_is_right(*result, faults=set(FAULTS))
