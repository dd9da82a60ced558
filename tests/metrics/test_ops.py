"""The port of metrics and health: what it answers, when it is taken, when the process hangs."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx
import pytest

from pipeline.broker import ports
from pipeline.logs.line import Logfmt
from pipeline.logs.setup import Lines
from pipeline.metrics import loop
from pipeline.metrics.board import Board
from pipeline.metrics.catalogue import lag
from pipeline.metrics.loop import Looped
from pipeline.metrics.metric import Process, Sample
from pipeline.metrics.ops import Health, ops, port_of
from pipeline.settings import Settings


@contextmanager
def serving(settings: Settings, health: Health) -> Iterator[httpx.Client]:
    board = Board(Process.LAG, lambda: [Sample(lag.UP, 1)])
    with ops(settings, board, health, Lines(Logfmt("lag"))), httpx.Client(
        base_url=f"http://{settings.ops_host}:{settings.ops_port}") as http:
        yield http


@pytest.fixture
def free() -> Settings:
    return Settings(ops_port=ports.free()[0])


def test_what_it_says_is_what_the_process_says(free: Settings) -> None:
    dead: list[str] = []
    unready = ["no Kafka"]
    with serving(free, Health(lambda: dead, lambda: unready)) as http:
        assert http.get("/healthz").status_code == 200
        answer = http.get("/readyz")
        assert (answer.status_code, answer.json()["shortcomings"]) == (503, ["no Kafka"])
        unready.clear()
        assert http.get("/readyz").json() == {"ready": True, "shortcomings": []}
        dead.append("hangs")
        assert http.get("/healthz").status_code == http.get("/readyz").status_code == 503
        metrics = http.get("/metrics?name[]=x")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "# TYPE xueshi_lag_kafka_up gauge\nxueshi_lag_kafka_up 1.0\n" in metrics.text
        assert http.head("/metrics").content == b""
        assert http.post("/metrics").status_code == 501


def test_it_ends_with_its_process(free: Settings) -> None:
    with serving(free, Health(list, list)) as http:
        assert http.get("/healthz").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{free.ops_port}/healthz")


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(free: Settings) -> None:
    with (socket.create_server(("127.0.0.1", free.ops_port or 0)),
          pytest.raises(click.ClickException, match="choose another XUESHI_OPS_PORT"),
          serving(free, Health(list, list))):
        pass


def test_a_port_that_nobody_asked_for_costs_the_metrics_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = ports.free()[0] - 1000
    board = Board(Process.COLLECTOR)
    with (socket.create_server(("127.0.0.1", own + 1000)),
          ops(Settings(), board, Health(list, list), Lines(Logfmt("x")), own)):
        assert "set XUESHI_OPS_PORT" in caplog.text


@pytest.mark.parametrize(("process", "own", "port"), [
    (Process.COLLECTOR, 8700, 9700), (Process.WORKER, 8711, 9711), (Process.LOADER, None, 9740)])
def test_the_port_is_a_thousand_above_the_process_s_own(
    process: Process, own: int | None, port: int
) -> None:
    assert port_of(Settings(), process, own) == port


def test_a_client_that_says_nothing_keeps_nobody_else_waiting(free: Settings) -> None:
    with serving(free, Health(list, list)) as http:
        silent = [socket.create_connection(("127.0.0.1", free.ops_port or 0)) for _ in range(20)]
        assert http.get("/healthz", timeout=2).status_code == 200
        for one in silent:
            one.close()


def test_a_loop_that_hangs_is_dead_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PATIENCE_S", 0.2)
    looped, hang = Looped(), threading.Event()

    async def live() -> None:
        looped.begun()
        await asyncio.sleep(0.1)
        hang.wait(1.0)  # blocks the loop, as a bug would
        await asyncio.sleep(0.6)

    assert looped.dead() == []
    thread = threading.Thread(target=asyncio.run, args=[live()])
    thread.start()
    time.sleep(0.2)
    assert looped.dead() == ["the event loop does not answer within 0.2 s"]
    hang.set()
    time.sleep(0.1)
    assert looped.dead() == []
    thread.join()
    assert looped.ask(_fine) == ["it has not begun, or is over"]


async def _fine() -> list[str]:
    return []


def test_lines_of_the_log_are_counted_by_level(free: Settings) -> None:
    lines = Lines(Logfmt("lag"))
    with ops(free, Board(Process.LAG), Health(list, list), lines):
        for level in (logging.ERROR, logging.ERROR, logging.INFO):
            lines.handle(logging.LogRecord("x", level, "", 0, "said", (), None))
        text = httpx.get(f"http://127.0.0.1:{free.ops_port}/metrics").text
    assert 'xueshi_log_lines_total{level="ERROR"} 2.0' in text
    assert 'xueshi_log_lines_total{level="WARNING"} 0.0' in text
