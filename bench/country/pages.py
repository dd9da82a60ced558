"""How long every kind of page takes on the server, once its publication has been opened."""

import re
import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

import click
import httpx
import psutil

from bench.country.subjects import Subjects, subjects
from bench.country.table import mb, show
from bench.country.visitors import Visitors, signed_in
from pipeline.settings import Settings
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.name_lists import NAME_LISTS
from warehouse.dashboard.schools import SCHOOLS
from warehouse.dashboard.sheet import Column
from warehouse.dashboard.teachers import NAME, SCHOOL, TEACHER

LIMIT_MS = 300


class Asked(NamedTuple):
    """A page of a kind. `far`: the last page of what is found there."""

    kind: str
    account: str
    path: str
    far: bool = False


class Once(NamedTuple):
    """Milliseconds until all of it was there, and of the server's cores."""

    wall: float
    cpu: float


class Took(NamedTuple):
    """`first`: the first time, which the others leave out."""

    asked: Asked
    path: str
    first: Once
    again: tuple[Once, ...]

    @property
    def median(self) -> float:
        return statistics.median(once.wall for once in self.again)


def pages(settings: Settings, times: int) -> None:
    """Show the median and the worst of each kind, and all pages above the limit."""
    whom = subjects(settings)
    with signed_in(settings, _accounts(whom)) as visitors:
        took = [_time(visitors, asked, times) for asked in _asked(whom)]
        memory = visitors.server.memory_info().rss
    kinds = list(dict.fromkeys(one.asked.kind for one in took))
    show(("page", "addresses", "median ms", "worst ms", "CPU ms"), [
        _line(kind, [one for one in took if one.asked.kind == kind]) for kind in kinds])
    slow = [one for one in took if one.median > LIMIT_MS]
    for one in sorted(slow, key=lambda one: -one.median):
        click.echo(f"above {LIMIT_MS} ms: {one.median:.0f} ms, {one.asked.account} {one.path}")
    click.echo(f"{len(took)} addresses, {len(slow)} of them above {LIMIT_MS} ms; "
               f"memory of the server in the end {mb(memory)}")


def _accounts(whom: Subjects) -> list[Account]:
    regions = {"country": "000000", "province": whom.province, "city": whom.city,
               "county": whom.county}
    return [Account(name, region, name != "country", True) for name, region in regions.items()]


def _time(visitors: Visitors, asked: Asked, times: int) -> Took:
    client, server = visitors.clients[asked.account], visitors.server
    path = _far(client, asked.path) if asked.far else asked.path
    first = _once(client, server, path)
    return Took(asked, path, first, tuple(_once(client, server, path) for _ in range(times)))


def _once(client: httpx.Client, server: psutil.Process, path: str) -> Once:
    before, cpu = time.perf_counter(), _cpu_s(server)
    answer = client.get(path)
    wall = time.perf_counter() - before
    if answer.status_code != 200:
        raise click.ClickException(f"{path} answers {answer.status_code}")
    return Once(wall * 1000, (_cpu_s(server) - cpu) * 1000)


def _cpu_s(server: psutil.Process) -> float:
    used = server.cpu_times()
    return float(used.user + used.system)


def _far(client: httpx.Client, path: str) -> str:
    found = re.search(r"共 ([\d,]+) 行", client.get(path).text)
    rows = int(found[1].replace(",", "")) if found else 0
    return f"{path}&page={max(1, -(-rows // 50))}"


def _line(kind: str, took: list[Took]) -> tuple[str, ...]:
    every = [once for one in took for once in one.again]
    wall, cpu = ([once[field] for once in every] for field in range(2))
    figures = (statistics.median(wall), max(wall), statistics.mean(cpu))
    return kind, f"{len(took)}", *(f"{ms:.0f}" for ms in figures)


def _asked(whom: Subjects) -> Iterator[Asked]:
    yield Asked("country", "country", "/regions/000000")
    yield Asked("province in the country", "country", f"/regions/{whom.province}")
    for account in ("province", "city", "county"):
        yield from _places(whom, account)
        yield from _teachers(whom, account)
    yield from _schools(f"/regions/{whom.province}/schools")


def _places(whom: Subjects, account: str) -> Iterator[Asked]:
    inside = {"province": ("province", "city", "county"), "city": ("city", "county"),
              "county": ("county",)}[account]
    for kind in inside:
        yield Asked(f"{kind}, account of the {account}", account, f"/regions/{whom[kind]}")
    yield Asked(f"school, account of the {account}", account, f"/schools/{whom.school}")
    yield Asked(f"teacher, account of the {account}", account, f"/teachers/{whom.teacher}")


def _teachers(whom: Subjects, account: str) -> Iterator[Asked]:
    base, of = f"/regions/{whom[account]}/teachers", f"names of the {account}"
    for list_ in NAME_LISTS:
        path = f"{base}?list={list_.id}"
        yield Asked(f"{of}: first page", account, path)
        yield Asked(f"{of}: last page", account, path, far=True)
        yield Asked(f"{of}: found by id", account, f"{path}&q=t0012")
        yield Asked(f"{of}: found by name", account, f"{path}&q=欧阳娜")
        for sorted_ in _sorted((NAME, *SCHOOL, *TEACHER)):
            yield Asked(f"{of}: sorted", account, path + sorted_)
    for sorted_ in _sorted((NAME, *SCHOOL, *TEACHER)):
        yield Asked(f"{of}: sorted, last page", account, f"{base}?{sorted_}", far=True)
    for number in range(12):
        yield Asked(f"{of}: bin", account, f"{base}?bin={number}")
        yield Asked(f"{of}: bin, last page", account, f"{base}?bin={number}", far=True)
        yield Asked(f"{of}: bin, sorted", account, f"{base}?bin={number}&sort=teacher")


def _schools(base: str) -> Iterator[Asked]:
    yield Asked("schools: first page", "province", f"{base}?")
    yield Asked("schools: last page", "province", f"{base}?", far=True)
    yield Asked("schools: found", "province", f"{base}?q=第1小学")
    yield Asked("schools: 其他", "province", f"{base}?other=1")
    for sorted_ in _sorted(SCHOOLS):
        yield Asked("schools: sorted", "province", f"{base}?{sorted_}")


def _sorted(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        if column.sort:
            yield f"&sort={column.key}"
            yield f"&sort={column.key}&dir=down"
