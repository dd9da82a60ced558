"""The supervisor restarts what ends, and tells what it did itself from what was done to it."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.supervisor import Program, StayedError, Supervisor, supervising

SLEEPS = "import time, sys; print('up', flush=True); time.sleep(60)"
FAILS = "import sys; print('going'); print('the reason', flush=True); sys.exit(3)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: None)
print('up', flush=True)
time.sleep(60)
"""
SLOW_TO_LEAVE = """
import signal, sys, time
count = 0
def term(*_):
    global count
    count += 1
signal.signal(signal.SIGTERM, term)
print('up', flush=True)
while not count: time.sleep(0.01)
time.sleep(0.8)
print(f'{count} signals', flush=True)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with supervising(tmp_path / "logs") as made:
        yield made


def program(tmp_path: Path, code: str, name: str = "worker-1") -> Program:
    return Program(name, ("-c", code), {}, tmp_path / name)


def wait_up(supervisor: Supervisor, name: str = "worker-1") -> None:
    deadline = time.monotonic() + 10
    while "up" not in supervisor.log(name):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_killed_is_started_again_and_the_cause_is_noted(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, SLEEPS))
    wait_up(supervisor)
    supervisor.during = "a fault"
    pid = supervisor.kill("worker-1", "SIGKILL at random")
    ended = supervisor.wait_end("worker-1", 0, 5)
    supervisor.wait_lives("worker-1", 2, 5)
    assert (ended.pid, ended.code, ended.cause) == (pid, -signal.SIGKILL, "SIGKILL at random")
    assert (ended.during, ended.last_line) == ("a fault", "up")
    assert supervisor.pid("worker-1") not in (None, pid)


def test_what_ends_by_itself_has_no_cause_but_a_last_line(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, FAILS))
    ended = supervisor.wait_end("worker-1", 0, 5)
    assert (ended.code, ended.cause, ended.last_line) == (3, "", "the reason")
    supervisor.wait_lives("worker-1", 3, 10)


def test_what_is_held_stays_down_until_released(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, SLEEPS))
    supervisor.hold("worker-1")
    supervisor.kill("worker-1", "SIGKILL")
    supervisor.wait_end("worker-1", 0, 5)
    with pytest.raises(StayedError):
        supervisor.wait_lives("worker-1", 2, 1.5)
    supervisor.release("worker-1")
    supervisor.wait_lives("worker-1", 2, 5)


def test_it_becomes_something_else_for_one_life(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program(tmp_path, SLEEPS))
    wait_up(supervisor)
    supervisor.become("worker-1", ("-c", FAILS))
    ended = supervisor.wait_end("worker-1", 1, 5)
    assert (ended.code, ended.last_line) == (3, "the reason")
    supervisor.wait_lives("worker-1", 3, 5)
    wait_up(supervisor)


def test_leaving_is_measured_and_a_second_sigterm_is_sent_while_it_leaves(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(program(tmp_path, SLOW_TO_LEAVE))
    wait_up(supervisor)
    left = supervisor.remove("worker-1", twice=True)
    assert (left.code, left.last_line) == (0, "2 signals")
    assert 0.7 < left.seconds < 5
    assert supervisor.names() == []


def test_what_does_not_leave_is_killed_and_told(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos.supervisor.STOP_PATIENCE_S", 0.5)
    supervisor.start(program(tmp_path, STUBBORN))
    wait_up(supervisor)
    with pytest.raises(StayedError, match="still there"):
        supervisor.remove("worker-1")


def test_nothing_outlives_the_block(tmp_path: Path) -> None:
    with supervising(tmp_path / "logs") as supervisor:
        supervisor.start(program(tmp_path, STUBBORN))
        wait_up(supervisor)
        pid = supervisor.pid("worker-1")
    assert pid is not None
    assert not Path(f"/proc/{pid}/stat").exists() or sys.platform == "darwin"
