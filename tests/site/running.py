"""`xueshi up` as a process of its own, and what is left of it."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.broker import ports
from pipeline.settings import Settings

READY = "Ctrl-C stops everything"
PATIENCE_S = 240.0


def settings_in(folder: Path, kafka: str | None) -> Settings:
    """What `up` is told: data in `folder`, free ports, the tests' programme, all quickly."""
    chosen: set[int] = set()
    while len(chosen) < 5:
        chosen |= set(ports.free())
    names = ("site_port", "collector_port", "worker_port", "dashboard_port", "learner_port")
    return Settings.model_validate({
        "kafka_bootstrap_servers": kafka, "topic_prefix": f"test-{uuid.uuid4().hex[:12]}.",
        "var_dir": folder, "programmes_dir": Path(__file__).with_name("programme"),
        "heartbeat_seconds": 2, "publish_seconds": 1.0, "land_seconds": 0.5,
        "flush_seconds": 0.3, **dict(zip(names, sorted(chosen), strict=False))})


@dataclass
class Up:
    """A run. `said`: the file with all it said."""

    settings: Settings
    popen: subprocess.Popen[bytes]
    said: Path

    def wait_for(self, words: str) -> str:
        """All it has said, once it has said this."""
        return self.until(lambda: words in self.said.read_text("utf-8"), f"it never said {words}")

    def until(self, true: Callable[[], bool], why: str) -> str:
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, f"{why}: {self.said.read_text('utf-8')}"
            assert self.popen.poll() is None or true(), self.said.read_text("utf-8")
            time.sleep(0.1)
        return self.said.read_text("utf-8")

    def child(self, command: str) -> psutil.Process:
        """Its process that runs `xueshi command`."""
        found = [one for one in psutil.Process(self.popen.pid).children()
                 if one.cmdline()[-1] == command]
        assert len(found) == 1, found
        return found[0]


def start(settings: Settings, said: Path, hangup: signal.Handlers = signal.SIG_DFL) -> Up:
    """Starts; waits for nothing. `hangup`: as its parent leaves it SIGHUP, whoever runs the tests:
    under nohup it would be ignored.
    """
    told = {name: settings.__getattribute__(name) for name in settings.model_fields_set}
    variables = {f"XUESHI_{name.upper()}": str(value) for name, value in told.items()
                 if name != "kafka_bootstrap_servers"}
    if settings.kafka_bootstrap_servers:
        variables["KAFKA_BOOTSTRAP_SERVERS"] = settings.kafka_bootstrap_servers
    with said.open("wb") as out, _leaving(hangup):
        popen = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "up"], stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, env={**os.environ, **variables}, start_new_session=True)
    return Up(settings, popen, said)


@contextmanager
def _leaving(hangup: signal.Handlers) -> Iterator[None]:
    """What starts meanwhile inherits SIGHUP so."""
    before = signal.signal(signal.SIGHUP, hangup)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def left(folder: Path) -> list[str]:
    """Processes that a run in the folder has left, Kafka and the leash included."""
    return [str(one) for one in psutil.process_iter() if _is_of(one, folder)]


def _is_of(process: psutil.Process, folder: Path) -> bool:
    try:
        said = process.environ().get("XUESHI_VAR_DIR", "")
        return Path(said).is_relative_to(folder) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def require_nothing_left(folder: Path) -> None:
    """In the end; what was killed takes its time."""
    end = time.monotonic() + PATIENCE_S
    while found := left(folder):
        assert time.monotonic() < end, found
        time.sleep(0.2)
