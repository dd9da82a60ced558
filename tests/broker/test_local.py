"""The life of a local broker: real processes, each in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from kafka import KafkaProducer

from pipeline.broker import health, local, ports, state, topics
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings

pytestmark = pytest.mark.kafka

NOWHERE = "127.0.0.1:9"


def settings_in(folder: Path) -> Settings:
    """Settings of a broker of its own; the space and the characters in its path are meant."""
    return Settings(var_dir=folder / "my 数据", topic_prefix="own.")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    settings = settings_in(tmp_path)
    yield settings
    local.stop(settings)


@dataclass(frozen=True)
class Pair:
    """One folder, for which two commands started a broker at the same time."""

    settings: Settings
    exit_codes: list[int]
    said: list[str]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    settings = settings_in(tmp_path_factory.mktemp("pair"))
    commands = [start_by_command(settings), start_by_command(settings)]
    said = [command.communicate()[0].strip() for command in commands]
    yield Pair(settings, [command.returncode for command in commands], said)
    assert local.stop(settings)
    assert not local.status(settings).up
    assert not local.stop(settings)


def start_by_command(settings: Settings) -> subprocess.Popen[str]:
    program = "from pipeline.broker.cli import broker; broker(['start'])"
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "XUESHI_VAR_DIR": str(settings.var_dir), "LC_ALL": "C"},
    )


def home_of(settings: Settings) -> Path:
    return settings.var_dir / "kafka"


def started(settings: Settings) -> state.Started:
    found = state.recall(home_of(settings))
    assert found is not None
    return found


def produce(address: str, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    producer.send(topic, b"value", partition=0).get(timeout=10)
    producer.close()


def test_commands_that_start_at_once_get_one_broker_which_outlives_them(pair: Pair) -> None:
    assert pair.exit_codes == [0, 0]
    assert set(pair.said) == {started(pair.settings).bootstrap}
    status = local.status(pair.settings)
    assert status.up
    assert status.bootstrap == pair.said[0]


def test_a_running_broker_is_reused(pair: Pair) -> None:
    before = started(pair.settings)
    assert local.bootstrap(pair.settings) == before.bootstrap
    assert started(pair.settings) == before


def test_a_mute_broker_is_told_of_and_not_killed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ANSWER_PATIENCE_S", 0.5)
    process = psutil.Process(started(pair.settings).pid)
    process.suspend()
    try:
        with pytest.raises(BrokerError, match="does not answer"):
            local.start(pair.settings)
        assert not local.status(pair.settings).up
    finally:
        process.resume()
    monkeypatch.undo()
    assert local.status(pair.settings).up


def test_a_broker_whose_state_was_deleted_is_not_doubled(pair: Pair) -> None:
    """Last of those that share the broker: it is left without its state file, to be stopped."""
    (home_of(pair.settings) / state.FILE).unlink()
    assert not local.status(pair.settings).up
    with pytest.raises(BrokerError, match="run `xueshi broker stop`"):
        local.start(pair.settings)


def test_after_kill_9_it_starts_again_at_the_same_port_with_its_data(own: Settings) -> None:
    address, ledger = local.start(own), own.topic("ledger")
    topics.create(address, own)
    produce(address, ledger)
    killed = started(own)
    process = psutil.Process(killed.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not local.status(own).up
    assert local.start(own) == address
    assert started(own).pid != killed.pid
    assert topics.create(address, own) == []
    assert topics.end_offsets(address, ledger)[0] == 1
    produce(address, ledger)
    assert topics.end_offsets(address, ledger)[0] == 2


def test_a_port_taken_meanwhile_is_left_to_its_taker(own: Settings) -> None:
    with socket.create_server(("127.0.0.1", ports.free()[0])) as taker:
        taken = f"127.0.0.1:{taker.getsockname()[1]}"
        home_of(own).mkdir(parents=True)
        state.remember(home_of(own), state.Started(0, 0.0, taken, "4"))
        address = local.start(own)
    assert address != taken
    assert local.status(own).bootstrap == address


def test_why_it_did_not_come_up_is_shown(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JDK_JAVA_OPTIONS")  # of which Java would say something first
    data = home_of(own) / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("garbage")
    with pytest.raises(BrokerError, match=r"broker\.log:\n.*ERROR.*\n.*node ID not found"):
        local.start(own)
    assert not local.status(own).up


def test_a_process_that_got_the_pid_later_is_not_touched(own: Settings) -> None:
    home_of(own).mkdir(parents=True)
    me = state.identify(os.getpid(), NOWHERE, "4")
    state.remember(home_of(own), state.Started(me.pid, me.created - 60, NOWHERE, "4"))
    assert not local.status(own).up
    assert not local.stop(own)


@pytest.mark.parametrize("content", [
    "", "{", "[]", '{"pid": 1}',
    '{"pid": -1, "created": 0, "bootstrap": "127.0.0.1:9", "version": "4"}',
    '{"pid": 1, "created": 0, "bootstrap": "?", "version": "4"}',
])
def test_a_broken_state_file_counts_as_none(own: Settings, content: str) -> None:
    home_of(own).mkdir(parents=True)
    (home_of(own) / state.FILE).write_text(content)
    assert not local.status(own).up
    assert not local.stop(own)


def test_a_var_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for var in (tmp_path / "file", Path("/proc")):  # nobody, not even root, can write to /proc
        with pytest.raises(BrokerError, match="set XUESHI_VAR_DIR"):
            local.start(Settings(var_dir=var))


def test_a_given_kafka_is_used_and_nothing_is_started(kafka: str, tmp_path: Path) -> None:
    given = Settings(kafka_bootstrap_servers=f"{NOWHERE},{kafka}", var_dir=tmp_path)
    assert local.bootstrap(given) == f"{NOWHERE},{kafka}"
    assert local.status(given).up
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("given", "complaint"), [
    (NOWHERE, "no Kafka answers at 127.0.0.1:9"),
    ("no-such-host.invalid:9092", "no Kafka answers"),
    ("localhost", "'localhost' is not host:port"),
    ("localhost:99999", "is not host:port"),
    (f"{NOWHERE},", "'' is not host:port"),
])
def test_a_given_kafka_that_does_not_answer(given: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=complaint):
        local.bootstrap(Settings(kafka_bootstrap_servers=given, var_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_something_that_listens_but_is_no_kafka_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not health.answers(f"127.0.0.1:{server.getsockname()[1]}", patience_s=1)
    assert not [one for one in threading.enumerate() if one.name.startswith("kafka-")]
