"""`xueshi dashboard` as a process: it listens, guards, and leaves when it is told to."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from pipeline.broker import ports
from tests.watched import watched

COMMAND = [sys.executable, "-c", "from warehouse.dashboard.cli import dashboard; dashboard()"]


@contextmanager
def running(var_dir: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with watched(
        [*COMMAND, *arguments], env={**os.environ, "XUESHI_VAR_DIR": str(var_dir)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process


def test_it_serves_behind_its_guard_until_it_is_told_to_stop(country_dir: Path) -> None:
    port, _ = ports.free()
    with running(country_dir, "--port", str(port)) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("dashboard listens at ")
        assert address == f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address) as client:
            assert client.get("/healthz").text == "ok"
            assert client.get("/static/dashboard.css").status_code == 200
            answer = client.get("/regions/110000")
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, "--port", str(port)) as process:
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    last = errors.splitlines()[-1]
    assert last.startswith(f"Error: port {port} on 127.0.0.1 is taken: ")
    assert "XUESHI_DASHBOARD_PORT" in last


def test_the_network_needs_https(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "0.0.0.0") as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "XUESHI_DASHBOARD_URL" in errors.splitlines()[-1]
