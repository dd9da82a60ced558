"""A later build takes over from this one while work goes on, and this one cannot go back."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demo.processes import Process
from pipeline.broker import ports
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.worker.feed import watch_together
from tests.worker.next_build import NEXT, THIS
from tests.worker.test_worker import (
    TEACHERS,
    assert_everybody_has_the_credit,
    environment,
    progress,
    wait_until_caught_up,
    worker,
)

pytestmark = pytest.mark.kafka


@contextmanager
def next_build(settings: Settings, port: int) -> Iterator[Process]:
    """A worker of the later build."""
    log = settings.var_dir / f"next-{port}-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "tests.worker.next_build", "worker", "--port", str(port)]
    with log.open("wb") as output, subprocess.Popen(
        command, stdout=output, stderr=output, env={"PATH": "", **environment(settings)}
    ) as popen:
        process = Process("next", log, popen)
        try:
            yield process
        finally:
            process.stop()


def test_rule_14_a_rolling_upgrade_to_another_version_of_the_state_loses_nothing(
    settings: Settings
) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    videos = [catalogue.resources[f"ideals-0{number}"] for number in (1, 2, 3)]
    watch_together(settings, catalogue, videos[0], TEACHERS)
    old_port, new_port = ports.free()
    with worker(settings, old_port) as old:
        wait_until_caught_up(settings, old)
        watch_together(settings, catalogue, videos[1], TEACHERS, hour=2)
        old.popen.terminate()  # one stops, then its successor starts
        old.popen.wait(15)
        with next_build(settings, new_port) as new:
            wait_until_caught_up(settings, new)
            watch_together(settings, catalogue, videos[2], TEACHERS, hour=4)
            wait_until_caught_up(settings, new)
            assert progress(settings, new_port, TEACHERS[0]).status_code == 200
    assert_everybody_has_the_credit(settings, *videos)
    with worker(settings, old_port) as back:
        assert back.popen.wait(60) != 0
        last = back.log.read_text("utf-8").strip().splitlines()[-1]
    reads = f"this build reads {THIS - 1} to {THIS} (docs/how-to/scale.md"
    assert f"state version {NEXT}; {reads}" in last
