"""A large province: pages stay quick and downloads stay small in memory. `pytest -m soak`."""

import csv
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import pytest
from openpyxl import load_workbook

from tests.dashboard.big import publish_big
from tests.dashboard.page import Page
from tests.watched import watched

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
    with watched([sys.executable, "-c", SERVER, str(var_dir)], 600, stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with httpx.Client(base_url=process.stdout.readline().strip(), timeout=300,
                          headers={"X-Account": "440000"}) as client:
            yield client, psutil.Process(process.pid)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[
        tuple[httpx.Client, psutil.Process]]:
    folder = tmp_path_factory.mktemp("big")
    publish_big(folder / "published", TEACHERS)
    with served(folder) as both:
        yield both


class Fetched(NamedTuple):
    """A file; the server's most memory while it was sent, in MiB; seconds to its first bytes and
    to its last.
    """

    data: bytes
    mib: int
    first: float
    whole: float


def fetched(client: httpx.Client, process: psutil.Process, path: str) -> Fetched:
    """The file as it comes."""
    data, most, first, began = bytearray(), 0, 0.0, time.monotonic()
    with client.stream("GET", path) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_bytes():
            first = first or time.monotonic() - began
            data += chunk
            most = max(most, process.memory_info().rss)
    return Fetched(bytes(data), most // 2**20, first, time.monotonic() - began)


@pytest.mark.soak
def test_half_a_million_rows_of_csv_and_of_excel(
    province: tuple[httpx.Client, psutil.Process]
) -> None:
    made, text = (fetched(*province, f"/regions/440000/teachers.{form}")
                  for form in ("xlsx", "csv"))
    for file in (made, text):
        assert file.mib < 500
        assert file.first < file.whole / 3
    lines = csv.reader(io.StringIO(text.data.decode("utf-8-sig"), newline=""))
    rows = load_workbook(io.BytesIO(made.data), read_only=True).worksheets[0].iter_rows(
        min_row=3, values_only=True)
    same = sum(line[:-2] == [as_text(value) for value in row]
               for line, row in zip(lines, rows, strict=True))
    assert same == TEACHERS + 1


def as_text(value: object) -> str:
    """A cell of Excel as CSV has it."""
    if value is None:
        return ""
    return str(value.date()) if isinstance(value, datetime) else str(value)


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
