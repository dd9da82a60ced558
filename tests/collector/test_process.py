"""The collector as a process: ports, signals, sockets, and a Kafka that comes and goes."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest
from click.testing import CliRunner

from pipeline.broker import ports
from pipeline.collector.cli import collector
from pipeline.settings import ROOT, Settings
from tests import hostile
from tests.collector.processes import RUN, STUCK, Running, environment, running
from tests.collector.test_transports import read

pytestmark = pytest.mark.kafka
POST = hostile.post(hostile.beat())


def stopped(collector: Running, within_s: float) -> int:
    """The exit code after SIGTERM."""
    started = time.monotonic()
    collector.process.send_signal(signal.SIGTERM)
    code = collector.process.wait(timeout=15)
    assert time.monotonic() - started < within_s
    return code


@pytest.fixture
def nowhere(settings: Settings) -> Settings:
    """Settings whose Kafka is a port that nobody listens on (yet)."""
    port, _ = ports.free()
    return settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{port}"})


def test_sigterm_answers_what_was_begun_and_leaves_with_0(settings: Settings) -> None:
    with running(settings, XUESHI_LINGER_MS="700") as collector, ThreadPoolExecutor() as pool:
        collector.until_ready()
        token = collector.open()
        answer = pool.submit(collector.post, token, POST)
        time.sleep(0.3)  # the post lingers
        assert stopped(collector, within_s=10) == 0
        assert answer.result().status_code == 202
        with pytest.raises(httpx.ConnectError):
            collector.http.get("/healthz")
    assert len(read(str(settings.kafka_bootstrap_servers), settings.topic("telemetry"))) == 1


def test_sigterm_while_kafka_is_silent_answers_503_and_leaves_with_0(settings: Settings) -> None:
    with running(settings, STUCK) as collector, ThreadPoolExecutor() as pool:
        token = collector.open()
        answers = [pool.submit(collector.post, token, body)
                   for body in (POST, hostile.post(hostile.beat(seq=0)))]
        time.sleep(0.3)
        assert stopped(collector, within_s=10) == 0
        assert [answer.result().status_code for answer in answers] == [503, 503]


def test_kafka_away_at_start_is_503_until_it_comes(nowhere: Settings, kafka: str) -> None:
    with running(nowhere) as collector:
        token = collector.open()
        collector.until_ready(503)
        response = collector.post(token, POST)
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        assert response.json()["errors"][0]["type"] == "kafka_away"
        with forwarding(str(nowhere.kafka_bootstrap_servers), kafka):
            collector.until_ready()
            assert collector.post(token, POST).status_code == 202
        assert stopped(collector, within_s=10) == 0


@contextmanager
def forwarding(at: str, to: str) -> Iterator[None]:
    """A port that leads to Kafka; from there clients go to Kafka's own address."""
    with socket.create_server(address(at)) as server:
        threading.Thread(target=forward, args=(server, address(to)), daemon=True).start()
        yield
        server.shutdown(socket.SHUT_RDWR)


def forward(server: socket.socket, to: tuple[str, int]) -> None:
    with suppress(OSError):
        while True:
            client, broker = server.accept()[0], socket.create_connection(to)
            for source, sink in ((client, broker), (broker, client)):
                threading.Thread(target=copy, args=(source, sink), daemon=True).start()


def address(text: str) -> tuple[str, int]:
    host, port = text.rsplit(":", 1)
    return host, int(port)


def copy(source: socket.socket, sink: socket.socket) -> None:
    with source, sink, suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


def test_kafka_that_accepts_and_says_nothing_is_503(nowhere: Settings) -> None:
    servers = address(str(nowhere.kafka_bootstrap_servers))
    with socket.create_server(servers), running(nowhere) as collector:
        response = collector.post(collector.open(), POST)
        assert (response.status_code, response.json()["accepted"]) == (503, 0)
        collector.until_ready(503)
        assert stopped(collector, within_s=10) == 0


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 65536


def test_a_long_body_gets_its_answer_and_an_endless_one_is_cut_off(settings: Settings) -> None:
    with running(settings) as collector:
        token = collector.open()
        announced = collector.post(token, b" " * 5_000_000)
        chunked = collector.post(token, chunks(80))
        for response in (announced, chunked):
            assert response.status_code == 413
            assert response.json()["errors"][0]["type"] == "body_too_large"
            assert response.headers["connection"] == "close"
        sent = 0

        def endless() -> Iterator[bytes]:
            nonlocal sent
            for chunk in chunks(10_000):
                sent += len(chunk)
                yield chunk

        with suppress(httpx.TransportError):  # it was still sending when the connection was closed
            assert collector.post(token, endless()).status_code == 413
        assert sent < 30_000_000
        assert collector.http.get("/healthz").status_code == 200


def test_what_is_no_http_does_no_harm(settings: Settings) -> None:
    with running(settings) as collector:
        with socket.create_connection(("127.0.0.1", settings.collector_port)) as raw:
            raw.sendall(b"\x00\xff garbage\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert collector.http.get("/healthz").status_code == 200


def test_a_taken_port_is_one_clear_line(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.collector_port)):
        done = subprocess.run([sys.executable, "-c", RUN], env=environment(settings), cwd=ROOT,
                              capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"port {settings.collector_port} on 127.0.0.1 is taken" in line
    assert "--port" in line


@pytest.mark.parametrize(("changes", "told"), [
    ({"XUESHI_PLATFORM_KEY": None}, "XUESHI_PLATFORM_KEY"),
    ({"XUESHI_PROGRAMMES_DIR": "/nonexistent"}, "no such folder"),
    ({"XUESHI_MAX_POST_EVENTS": "20000"}, "XUESHI_MAX_POST_EVENTS"),
    ({"XUESHI_COLLECTOR_HOST": "192.0.2.1"}, "cannot listen on 192.0.2.1"),
])
def test_a_wrong_setting_is_one_clear_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], told: str
) -> None:
    for name, value in {**environment(settings), **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    result = CliRunner().invoke(collector)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output
