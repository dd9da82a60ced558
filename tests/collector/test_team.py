"""Several processes of the collector on one port: one dies, all end, the port is theirs alone."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil
import pytest

from pipeline.collector.team import LONGEST_PAUSE_S, STEADY_S, Seat, pause_s
from pipeline.settings import ROOT, Settings
from tests import hostile
from tests.collector.playing import Play, stored
from tests.collector.processes import RUN, Running, environment, running
from tests.collector.test_process import stopped

TEAM = [sys.executable, "-c", RUN, "--processes", "3"]


def members(collector: Running) -> list[psutil.Process]:
    """The processes that serve, the oldest first; none that is dead and not yet buried."""
    found = psutil.Process(collector.process.pid).children()
    return sorted(filter(alive, found), key=lambda one: (one.create_time(), one.pid))


def alive(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(one: psutil.Process) -> None:
    """Returns when it is dead: a busy machine takes its time, and a second kill would be lost."""
    one.kill()
    until(lambda: not alive(one), "it lives on")


def until(what: Callable[[], bool], told: str, patience_s: float = 10.0) -> None:
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, told
        time.sleep(0.02)


def connected(member: psutil.Process, port: int) -> int:
    """How many clients' connections it has."""
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port
               for one in member.net_connections("tcp"))


def test_connections_are_dealt_out_among_all(settings: Settings) -> None:
    with running(settings, TEAM) as collector:
        port = settings.collector_port
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(90)]
        until(lambda: sum(connected(one, port) for one in members(collector)) >= 90, "not taken")
        counts = [connected(one, port) for one in members(collector)]
        assert len(counts) == 3
        assert min(counts) >= 10, counts
        for client in clients:
            client.close()


class Killer:
    """Kills one of the collector's processes every now and then, and counts."""

    def __init__(self, collector: Running, every_s: float) -> None:
        self._collector = collector
        self._every_s = every_s
        self._over = Event()
        self._thread = Thread(target=self._run)
        self.killed = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            if len(found := members(self._collector)) == 3:
                found[self.killed % 3].kill()
                self.killed += 1


@pytest.mark.kafka
def test_rule_14_killed_one_by_one_under_load_no_acknowledged_event_is_missing(
    settings: Settings
) -> None:
    play = Play(settings, teachers=30, posts=80)
    with running(settings, TEAM, XUESHI_SIMULATION="true") as collector:
        collector.until_ready()
        killer = Killer(collector, every_s=0.4)
        with killer.at_work():
            play.run()
        until(lambda: len(members(collector)) == 3, "no successor")
        assert stopped(collector, within_s=12) == 0
    assert killer.killed >= 2
    assert play.tally.retries > 0, "nobody noticed: it never died with posts under way"
    assert play.tally.unexpected == 0, play.tally.examples
    play.require_all_there()


@pytest.mark.kafka
def test_what_waits_for_a_killed_process_is_taken_by_its_successor(settings: Settings) -> None:
    """Stopped, it takes no connection, but the kernel goes on dealing them out to it."""
    with running(settings, TEAM) as collector, ThreadPoolExecutor(30) as pool:
        collector.until_ready()
        token, victim = collector.open(), members(collector)[0]
        url = f"http://127.0.0.1:{settings.collector_port}/v1/events"
        victim.suspend()
        answers = [pool.submit(post, url, token, seq) for seq in range(1, 16)]
        time.sleep(0.7)
        assert not all(one.done() for one in answers), "none waits for it"
        victim.kill()
        assert [one.result() for one in answers] == [202] * 15
    assert len(stored(settings)) == 15


def request(token: str) -> bytes:
    body = hostile.post(hostile.beat())
    return (b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (token.encode(), len(body), body))


def post(url: str, token: str, seq: int) -> int:
    """As a player: 503 is a process that has no Kafka yet, and is asked again."""
    body, headers = hostile.post(hostile.beat(seq=seq)), {"Authorization": f"Bearer {token}"}
    with httpx.Client(timeout=20) as own:  # a connection of its own
        for _ in range(100):
            status = own.post(url, content=body, headers=headers).status_code
            if status != 503:
                return status
            time.sleep(0.1)
    return status


@pytest.mark.kafka
def test_sigterm_answers_what_all_have_begun(settings: Settings) -> None:
    with running(settings, TEAM, XUESHI_LINGER_MS="900") as collector, ExitStack() as clients:
        collector.until_ready()
        requests = [request(collector.open(f"teacher-{number}")) for number in range(12)]
        address = ("127.0.0.1", settings.collector_port)
        players = [clients.enter_context(socket.create_connection(address)) for _ in requests]
        for player, one in zip(players, requests, strict=True):
            player.sendall(one)
        time.sleep(0.4)  # the posts linger
        pids = [one.pid for one in members(collector)]
        assert stopped(collector, within_s=10) == 0
        assert [player.recv(100)[:12] for player in players] == [b"HTTP/1.1 202"] * 12
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert len(stored(settings)) == 12


def test_killed_parent_leaves_no_process_behind(settings: Settings) -> None:
    with running(settings, TEAM) as collector:
        left = members(collector)
        collector.process.kill()
        collector.process.wait()
        until(lambda: not any(alive(one) for one in left), "they live on")
        with pytest.raises(httpx.ConnectError):
            collector.http.get("/healthz")


@pytest.mark.parametrize("options", [["--processes", "3"], []])
def test_a_port_that_a_team_has_is_one_clear_line(settings: Settings, options: list[str]) -> None:
    with running(settings, TEAM):
        done = subprocess.run([sys.executable, "-c", RUN, *options], env=environment(settings),
                              cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"port {settings.collector_port} on 127.0.0.1 is taken" in line


def test_a_process_that_cannot_live_is_tried_again_ever_more_seldom(settings: Settings) -> None:
    with running(settings, TEAM) as collector:
        for _ in range(4):
            until(lambda: len(members(collector)) == 3, "no successor")
            kill(members(collector)[-1])
        log = Path(settings.var_dir) / "collector.log"
        until(lambda: "the next one starts in 0.5 s" in log.read_text(), "no pause")
        url = f"http://127.0.0.1:{settings.collector_port}/healthz"
        assert httpx.get(url, timeout=20).status_code == 200  # a connection of its own
    assert "was killed by SIGKILL; the next one starts now" in log.read_text()


def test_pauses_grow_up_to_a_limit_and_a_long_life_ends_them() -> None:
    assert [pause_s(n) for n in range(5)] == [0, 0, 0.5, 1, 2]
    assert pause_s(1_000_000) == LONGEST_PAUSE_S
    with socket.socket() as one:
        seat = Seat(one, pid=1, began=100.0, failures=7)
        assert seat.ended(100.0 + STEADY_S) == 0
        assert seat.failures == 0
        seat.began = 200.0
        assert [seat.ended(201.0), seat.ended(201.0)] == [0, 0.5]


def test_ctrl_c_ends_them_too(settings: Settings) -> None:
    """A terminal sends it to all of them at once."""
    with running(settings, TEAM) as collector:
        for one in members(collector):
            one.send_signal(signal.SIGINT)
        collector.process.send_signal(signal.SIGINT)
        assert collector.process.wait(timeout=15) == 0
