"""A disk that is full under the collector's log: it goes on without one."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from pipeline.settings import ROOT, Settings
from tests import hostile
from tests.collector.processes import RUN, Running, environment

pytestmark = pytest.mark.kafka


def test_a_full_disk_under_the_log_stops_no_post(settings: Settings) -> None:
    """/dev/full is a file on a full disk for whoever writes to it."""
    url = f"http://127.0.0.1:{settings.collector_port}"
    with (Path("/dev/full").open("w") as full, httpx.Client(base_url=url) as http,
          subprocess.Popen([sys.executable, "-c", RUN], env=environment(settings), cwd=ROOT,
                           stdout=full, stderr=full, text=True) as process):
        try:
            until_it_listens(process, http)
            collector = Running(process, http)
            collector.until_ready()
            body = hostile.post(hostile.beat())
            assert collector.post(collector.open(), body).status_code == 202
            process.terminate()
            # 120 is Python's own: what it still had to print could not be written.
            assert process.wait(10) in {0, 120}
        finally:
            process.kill()


def until_it_listens(process: "subprocess.Popen[str]", http: httpx.Client) -> None:
    for _ in range(200):
        try:
            http.get("/healthz")
        except httpx.TransportError:
            assert process.poll() is None, "it ended"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it never listened")
