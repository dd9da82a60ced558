"""The collector, killed with posts in every state: what it acknowledged is on Kafka."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from chaos.victim import LAST_WORDS, points
from pipeline.settings import ROOT, Settings
from tests.collector.playing import Play
from tests.collector.processes import environment, running

pytestmark = pytest.mark.kafka

# At which call; the last two are reached when Kafka has the events and no client knows it.
DIES_AT = {
    "collector:before-sort": 40,
    "collector:before-pack": 10,
    "collector:before-send": 10,
    "collector:after-send": 10,
    "collector:before-answer": 40,
}


def test_every_point_of_the_collector_is_tried() -> None:
    assert set(points("collector")) == set(DIES_AT)


class Relay:
    """One collector after the other at the same port: each dies at its point, the last does not."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.over = Event()
        self.died: list[tuple[str, int, str]] = []
        self._thread = Thread(target=self._run)

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()

    def _run(self) -> None:
        for point, call in DIES_AT.items():
            self.died.append((point, *self._die(point, call)))
        with running(self._settings, XUESHI_SIMULATION="true"):
            self.over.wait(120)

    def _die(self, point: str, call: int) -> tuple[int, str]:
        """Exit code and last line."""
        log = Path(self._settings.var_dir) / f"{point.replace(':', '-')}.log"
        command = [sys.executable, "-m", "chaos.victim", "--die-at", point, "--call", str(call),
                   "collector"]
        with log.open("w") as out:
            code = subprocess.run(
                command, env=environment(self._settings, XUESHI_SIMULATION="true"), cwd=ROOT,
                stdout=out, stderr=subprocess.STDOUT, timeout=60, check=False).returncode
        return code, log.read_text().splitlines()[-1]


def test_rule_14_killed_in_every_state_no_acknowledged_post_is_missing(settings: Settings) -> None:
    play = Play(settings, teachers=25, posts=60)
    with Relay(settings) as relay:
        play.run()
    assert relay.died == [(point, -signal.SIGKILL, LAST_WORDS.format(point=point, call=call))
                          for point, call in DIES_AT.items()]
    assert play.tally.retries > 0
    assert play.tally.unexpected == 0, play.tally.examples
    assert play.require_all_there() > 0, "nothing was sent twice: it never died with posts sent"
