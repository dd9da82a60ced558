"""kill -9 of a worker at every named point of its flush, one after the other (rule 14)."""

import os
import signal
import subprocess
import sys

import pytest

from chaos.victim import LAST_WORDS
from chaos.worker_points import POINTS
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.worker.feed import watch_together
from tests.worker.test_worker import (
    TEACHERS,
    assert_everybody_has_the_credit,
    environment,
    wait_until_caught_up,
    worker,
)

pytestmark = pytest.mark.kafka

FIRST = ("between-outcomes", "before-ack")
"""Outcomes are few: while everybody starts, and when they are done."""


def test_rule_14_killed_at_every_point_of_the_flush_nobody_loses_or_gains(
    settings: Settings,
) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    video = catalogue.resources["ideals-01"]
    watch_together(settings, catalogue, video, TEACHERS)
    for point in sorted(POINTS, key=lambda name: name not in FIRST):
        assert_dies_at(settings, f"worker:{point}")
    with worker(settings, settings.worker_port) as last:
        wait_until_caught_up(settings, last)
    assert_everybody_has_the_credit(settings, video)


def assert_dies_at(settings: Settings, point: str) -> None:
    told = {**environment(settings), "XUESHI_FLUSH_RECORDS": "20",
            "XUESHI_SESSION_TIMEOUT_SECONDS": "6", "XUESHI_VAR_DIR": str(settings.var_dir)}
    died = subprocess.run(
        [sys.executable, "-m", "chaos.victim", "--die-at", point, "worker",
         "--port", str(settings.worker_port)],
        env={**os.environ, **told}, stderr=subprocess.PIPE, text=True, timeout=90, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert died.stderr.splitlines()[-1] == LAST_WORDS.format(point=point, call=1)
