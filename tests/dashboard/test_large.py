"""A large province: pages stay quick and downloads stay small in memory. `pytest -m soak`."""

import csv
import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import httpx
import psutil
import pytest

from tests.dashboard.big import publish_big
from tests.dashboard.page import Page

TEACHERS = 600_000
SERVER = """
import sys
from pathlib import Path
from pipeline.settings import Settings
from tests.dashboard.serving import SignedIn, serving
from warehouse.dashboard.app import create_dashboard
with serving(SignedIn(create_dashboard(Settings(var_dir=Path(sys.argv[1]))))) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def served(var_dir: Path) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """The dashboard in a process of its own, whose memory is then its alone."""
    with subprocess.Popen([sys.executable, "-c", SERVER, str(var_dir)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        watchdog = Timer(600, process.kill)
        watchdog.start()
        assert process.stdout is not None
        try:
            with httpx.Client(base_url=process.stdout.readline().strip(), timeout=300,
                              headers={"X-Account": "440000"}) as client:
                yield client, psutil.Process(process.pid)
        finally:
            watchdog.cancel()
            process.kill()


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[
        tuple[httpx.Client, psutil.Process]]:
    folder = tmp_path_factory.mktemp("big")
    publish_big(folder / "published", TEACHERS)
    with served(folder) as both:
        yield both


def fetched(client: httpx.Client, process: psutil.Process, path: str) -> tuple[bytes, int]:
    """The file, and the most memory of the server while it was sent, in MiB."""
    data, most = bytearray(), 0
    with client.stream("GET", path) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_bytes(1024 * 1024):
            data += chunk
            most = max(most, process.memory_info().rss)
    return bytes(data), max(most, process.memory_info().rss) // 2**20


@pytest.mark.soak
def test_half_a_million_rows_of_csv(province: tuple[httpx.Client, psutil.Process]) -> None:
    data, mib = fetched(*province, "/regions/440000/teachers.csv")
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert sum(1 for _ in lines) == TEACHERS + 1
    assert mib < 1000


@pytest.mark.soak
def test_half_a_million_rows_of_excel(province: tuple[httpx.Client, psutil.Process]) -> None:
    data, mib = fetched(*province, "/regions/440000/teachers.xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as book, book.open("xl/worksheets/sheet1.xml") as xml:
        rows = xml.read().count(b"<row ")
    assert rows == TEACHERS + 3
    assert mib < 1000


@pytest.mark.soak
@pytest.mark.parametrize("path", [
    "/regions/440000", "/regions/440100", "/regions/440103", "/regions/441900",
    "/regions/440000/schools", "/schools/s000100", "/teachers/t00000100",
    "/regions/440000/teachers", "/regions/440000/teachers?page=10000",
    "/regions/440000/teachers?list=unverified", "/regions/440000/teachers?bin=2",
    "/regions/440000/teachers?q=t0012", "/regions/440000/teachers?sort=teacher",
])
def test_a_page_of_a_large_province_is_quick(
    province: tuple[httpx.Client, psutil.Process], path: str
) -> None:
    client, _ = province
    client.get(path)
    times = []
    for _ in range(5):
        before = time.perf_counter()
        made = Page(client.get(path).text)
        times.append(time.perf_counter() - before)
    assert made.tables
    assert min(times) < 0.3 * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
