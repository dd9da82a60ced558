"""The report as a command, and the dashboard's pages over HTTP, of what was published."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import click
import httpx
import orjson

from bench.country.subjects import Subjects, subjects
from bench.country.visitors import Visitors, signed_in
from bench.path.crowd import Crowd
from bench.path.figures import Figures, percentile
from bench.path.ground import Ground
from bench.path.loading import region_names
from bench.path.part import Part, Work
from bench.path.publishing import published
from bench.path.whole import Spent, finished
from demo.environment import environment
from pipeline.settings import Settings
from warehouse.dashboard.access.account import Account

KINDS = ("province", "county", "school", "teacher")
REPORTS = 3
FORMS = {
    "report of a province, wall, s": ",.2f",
    "report of a province, CPU, s": ",.2f",
    **{f"page of a {kind}, {figure}": form for kind in KINDS for figure, form in (
        ("p50, ms", ",.1f"), ("p99, ms", ",.1f"), ("first, ms", ",.0f"), ("CPU, ms", ",.1f"))},
    "memory of the dashboard, MiB": ",.0f",
}


class Page(NamedTuple):
    """An address, and what must be in it."""

    path: str
    words: str


@contextmanager
def showing(ground: Ground) -> Iterator[Work]:
    """Each run shows what was published last, by a dashboard of its own."""
    yield lambda: _run(published(ground), ground)


PART = Part("pages", FORMS, showing)


def _run(settings: Settings, ground: Ground) -> Figures:
    whom = subjects(settings)
    reports = [_report(settings, ground.crowd, whom.province) for _ in range(REPORTS)]
    with signed_in(settings, [Account("province", whom.province, True, True)]) as visitors:
        found = {f"page of a {kind}, {title}": value for kind in KINDS
                 for title, value in _page(visitors, _of(whom, kind), ground.size.requests).items()}
        memory = visitors.server.memory_info().rss / 2**20
    return {"report of a province, wall, s": statistics.median(one.wall_s for one in reports),
            "report of a province, CPU, s": statistics.median(one.cpu_s for one in reports),
            **found, "memory of the dashboard, MiB": memory}


def _report(settings: Settings, crowd: Crowd, province: str) -> Spent:
    output = settings.var_dir / "report.json"
    spent = finished(["report", province, "--format", "json"], environment(settings), output)
    require_counted(output.read_bytes(), crowd.on_roster(province[:2], region_names(settings)))
    return spent


def require_counted(report: bytes, teachers: int) -> None:
    """The report's last row, the total, has everybody who is on the province's roster.

    Raises:
        ClickException: it does not.
    """
    if (found := orjson.loads(report)["rows"][-1]["stages"]["on_roster"]) != teachers:
        raise click.ClickException(f"the report has {found} teachers, and should have {teachers}")


def _of(whom: Subjects, kind: str) -> Page:
    paths = {"province": "regions", "county": "regions", "school": "schools", "teacher": "teachers"}
    which = str(whom[kind])
    return Page(f"/{paths[kind]}/{which}", which)


def _page(visitors: Visitors, page: Page, times: int) -> dict[str, float]:
    client = visitors.clients["province"]
    first = get(client, page)
    cpu = sum(visitors.server.cpu_times()[:2])
    again = [get(client, page) for _ in range(times)]
    used = sum(visitors.server.cpu_times()[:2]) - cpu
    return {"p50, ms": percentile(again, 0.5), "p99, ms": percentile(again, 0.99),
            "first, ms": first, "CPU, ms": used / times * 1000}


def get(client: httpx.Client, page: Page) -> float:
    """Milliseconds until all of the page was there.

    Raises:
        ClickException: it is another page, or none.
    """
    begun = time.perf_counter()
    answer = client.get(page.path)
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200 or page.words not in answer.text:
        raise click.ClickException(
            f"{page.path} answers {answer.status_code}, or has no {page.words}")
    return took
