"""SIGTERM: flush and leave within 10 s, whatever goes on, and also where Kafka is away."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from demo.processes import Process
from pipeline.broker import lag, local, ports, state, topics
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.worker.feed import watch_together
from tests.worker.test_worker import TEACHERS, worker

pytestmark = pytest.mark.kafka
LEAVING_S = 10.0


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Settings]:
    """A Kafka that nobody else uses, for it is going to be killed."""
    settings = Settings(var_dir=tmp_path, topic_prefix="leaving.", partitions=4,
                        platform_key=SecretStr("platform-key-of-the-tests"),
                        worker_port=ports.free()[0])
    found = settings.model_copy(update={"kafka_bootstrap_servers": local.start(settings)})
    topics.create(found.kafka_bootstrap_servers or "", found)
    yield found
    local.stop(settings)


def ended_within(process: Process, patience_s: float) -> int:
    begun = time.monotonic()
    code = process.popen.wait(patience_s + 5)
    assert time.monotonic() - begun <= patience_s
    return code


@pytest.mark.parametrize("signals", [1, 2])
def test_sigterm_under_load_flushes_and_leaves(settings: Settings, signals: int) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    watch_together(settings, catalogue, catalogue.resources["ideals-01"], TEACHERS)
    with worker(settings, settings.worker_port) as process:
        _wait_until_it_commits(settings)
        for _ in range(signals):
            process.popen.send_signal(signal.SIGTERM)
        assert ended_within(process, LEAVING_S) == 0


def _wait_until_it_commits(settings: Settings) -> None:
    deadline = time.monotonic() + 30
    while not lag.committed(settings.kafka_bootstrap_servers or "", settings.topic("worker")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_sigterm_while_kafka_is_away_leaves_in_time_and_says_so(own_broker: Settings) -> None:
    catalogue = load_catalogue(own_broker.programmes_dir)
    with worker(own_broker, own_broker.worker_port) as process:
        process.wait_ready(
            f"http://127.0.0.1:{own_broker.worker_port}/v1/teachers/nobody/progress")
        _wait_until_it_owns(process)
        watch_together(own_broker, catalogue, catalogue.resources["ideals-01"], TEACHERS)
        os.kill(_pid(own_broker), signal.SIGKILL)
        process.popen.send_signal(signal.SIGTERM)
        assert ended_within(process, LEAVING_S) == 1
        last = process.log.read_text(encoding="utf-8").strip().splitlines()[-1]
    assert "worker ends: NotFlushedError: Kafka did not take the last flush within 9 s" in last


def _pid(settings: Settings) -> int:
    started = state.recall(settings.var_dir / "kafka")
    assert started is not None
    return started.pid


def _wait_until_it_owns(process: Process) -> None:
    deadline = time.monotonic() + 30
    while "owns partitions [0, 1, 2, 3]" not in process.log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
