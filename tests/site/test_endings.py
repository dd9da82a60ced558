"""However `xueshi up` ends, no process of it is left; and it says why it ended."""

import signal
import socket
import subprocess
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.up.run import told_to_end
from pipeline.broker import topics
from pipeline.settings import Settings
from tests.site.running import Up, left, require_nothing_left, settings_in, start

pytestmark = pytest.mark.kafka

STARTING = "starting everything else"
NAMES = ["collector", "worker", "loader", "publisher", "dashboard", "learner", "demo-site"]


class _Something:
    """What can be gone."""


@contextmanager
def starting(settings: Settings, hangup: signal.Handlers = signal.SIG_DFL) -> Iterator[Up]:
    """A run whose processes are all there, though not ready."""
    up = start(settings, settings.var_dir / "said", hangup)
    try:
        up.wait_for(STARTING)
        up.until(lambda: len(left(settings.var_dir)) >= len(NAMES) + 2, "some did not start")
        yield up
    finally:
        up.popen.send_signal(signal.SIGTERM)
        try:
            up.popen.wait(60)
        finally:
            up.popen.kill()
        require_nothing_left(settings.var_dir)


@pytest.fixture
def on_shared_kafka(kafka: str, tmp_path: Path) -> Iterator[Settings]:
    settings = settings_in(tmp_path, kafka)
    yield settings
    topics.delete(kafka, settings.topic_prefix)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_stops_everything(
    on_shared_kafka: Settings, number: signal.Signals
) -> None:
    with starting(on_shared_kafka) as up:
        up.popen.send_signal(number)
        assert up.popen.wait(60) == 0, up.said.read_text("utf-8")
        assert left(on_shared_kafka.var_dir) == []
        assert up.said.read_text("utf-8").endswith("everything is stopped\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it is the point
def test_a_signal_whose_error_python_drops_is_heeded_all_the_same() -> None:
    """As it did where one came while the lock of an import was let go."""
    before = signal.getsignal(signal.SIGINT)
    with told_to_end() as heed:
        something = _Something()
        weakref.finalize(something, signal.raise_signal, signal.SIGINT)
        del something
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "it came"
        heed()
        pytest.fail("it was not heeded")
    assert signal.getsignal(signal.SIGINT) == before


def test_under_nohup_it_outlives_its_terminal(on_shared_kafka: Settings) -> None:
    with starting(on_shared_kafka, signal.SIG_IGN) as up:
        up.popen.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            up.popen.wait(1)


def test_killed_its_processes_and_its_kafka_end_too(tmp_path: Path) -> None:
    with starting(settings_in(tmp_path, None)) as up:
        assert (tmp_path / "up" / "kafka" / "broker.json").exists()
        up.popen.send_signal(signal.SIGKILL)
        up.popen.wait()
        require_nothing_left(tmp_path)


def test_a_process_that_died_is_named_with_its_log(on_shared_kafka: Settings) -> None:
    with starting(on_shared_kafka) as up:
        up.child("collector").kill()
        assert up.popen.wait(60) == 1
        last = up.said.read_text("utf-8").splitlines()[-1]
        log = on_shared_kafka.var_dir / "up" / "logs" / "collector.log"
        assert last.startswith(f"Error: collector was killed by SIGKILL: its log is {log}, which")
        assert left(on_shared_kafka.var_dir) == []


def test_a_second_one_in_the_same_folder_is_refused(on_shared_kafka: Settings) -> None:
    with starting(on_shared_kafka):
        second = start(on_shared_kafka, on_shared_kafka.var_dir / "second")
        assert second.popen.wait(60) == 1
        assert second.said.read_text("utf-8").splitlines() == [
            f"Error: another `xueshi up` runs in {on_shared_kafka.var_dir / 'up'}: "
            "stop that one first"]


@pytest.mark.parametrize("name", ["site", "collector", "worker", "dashboard", "learner"])
def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, name: str) -> None:
    settings = settings_in(tmp_path, None)
    port = getattr(settings, f"{name}_port")
    with socket.create_server(("127.0.0.1", port)):
        up = start(settings, tmp_path / "said")
        assert up.popen.wait(60) == 1
    assert up.said.read_text("utf-8").splitlines() == [
        f"Error: port {port} is taken: stop what uses it, or choose another with "
        f"XUESHI_{name.upper()}_PORT"]
    assert left(tmp_path) == []
