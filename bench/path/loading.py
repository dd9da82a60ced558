"""A real loader over a ledger and a roster that are full."""

import csv
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import click
import duckdb

from bench.path.crowd import Crowd
from bench.path.figures import Figures
from bench.path.ground import Ground, with_topics
from bench.path.part import Part, Work
from bench.path.sending import fill
from bench.path.sightings import Looker, looking
from bench.path.whole import Spent, so_far
from demo.environment import environment, fresh
from demo.processes import Process, running
from pipeline.broker import lag, ports
from pipeline.clock import now_ms
from pipeline.settings import Settings

FORMS = {
    "rows per CPU-second": ",.0f",
    "rows per second (wall)": ",.0f",
    "wall, s": ",.1f",
    "CPU, s": ",.1f",
    "most memory, MiB": ",.0f",
    "warehouse, MB": ",.0f",
}
PATIENCE_S = 900.0


class Warehouse(NamedTuple):
    """What the warehouse has: see crowd.Sums; `gaps` in the numbering, `teachers` on the roster."""

    entries: int
    seconds: int
    learned: int
    credited: int
    finally_learned: int
    finally_credited: int
    completed: int
    gaps: int
    teachers: int


STORED = """
SELECT *, (SELECT count(*) FROM ledger_gaps), (SELECT count(DISTINCT teacher_id) FROM teachers)
FROM (SELECT count(*), sum(seconds), sum(learned), sum(credited) FROM ledger),
     (SELECT sum(learned), sum(credited), count(completed_at) FROM progress)
"""


@contextmanager
def loading(ground: Ground) -> Iterator[Work]:
    """Fills the topics once; each run loads them into a new warehouse."""
    filled(ground)
    yield lambda: load(ground)


PART = Part("loader", FORMS, loading)


def filled(ground: Ground) -> Settings:
    """Settings of full topics, which are filled when first asked for."""
    if "ledger" not in ground.kept:
        settings = ground.settings("ledger")
        ground.stack.enter_context(with_topics(settings, ground.kafka))
        names = region_names(settings)
        fill(ground.kafka, settings.topic("roster"), ground.crowd.roster(names))
        fill(ground.kafka, settings.topic("ledger"), ground.crowd.ledger())
        ground.kept["ledger"] = settings
    return ground.kept["ledger"]


def loaded(ground: Ground) -> Settings:
    """Settings of the warehouse of the last run, or of one that is made now."""
    if "warehouse" not in ground.kept:
        load(ground)
    return ground.kept["warehouse"]


def load(ground: Ground) -> Figures:
    """One run; its warehouse stays for others, with a snapshot."""
    settings = filled(ground).model_copy(
        update={"var_dir": fresh(ground.base.var_dir / "loaded"), "ops_port": ports.free()[0]})
    begun, started_at = time.monotonic(), now_ms()
    with running(["loader"], environment(settings), settings.var_dir / "logs") as (loader,), \
            looking(settings.ops_port or 0) as looker:
        rows, spent = _until_landed(settings, ground.kafka, loader, looker, begun)
        wall_s = (looker.last.landed_at - started_at) / 1000
    require_whole(settings, ground.crowd)
    ground.kept["warehouse"] = settings.model_copy(update={"ops_port": None})
    return {"rows per CPU-second": rows / spent.cpu_s, "rows per second (wall)": rows / wall_s,
            "wall, s": wall_s, "CPU, s": spent.cpu_s, "most memory, MiB": spent.memory_mb,
            "warehouse, MB": settings.warehouse_path.stat().st_size / 1e6}


def _until_landed(
    settings: Settings, kafka: str, loader: Process, looker: Looker, begun: float
) -> tuple[int, Spent]:
    """How many records there were."""
    ends = lag.ends(kafka, [settings.topic("ledger"), settings.topic("roster")])
    while time.monotonic() - begun < PATIENCE_S:
        done = looker.last.offsets
        spent = so_far(loader, begun)
        if all(done.get(place, 0) >= end for place, end in ends.items()):
            return sum(ends.values()), spent
        time.sleep(0.1)
    raise click.ClickException(f"not loaded after {PATIENCE_S:.0f} s: {loader.log}")


def require_whole(settings: Settings, crowd: Crowd) -> None:
    """The warehouse has every row once, and they add up.

    Raises:
        ClickException: they do not.
    """
    with duckdb.connect(settings.warehouse_path, read_only=True) as db:
        row = db.execute(STORED).fetchone()
    found, expected = Warehouse(*(row or ())), Warehouse(*crowd.sums, 0, crowd.teachers)
    if found != expected:
        raise click.ClickException(f"the warehouse has {found}, and should have {expected}")


def region_names(settings: Settings) -> dict[str, str]:
    """Names of all regions by code."""
    with settings.regions_file.open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
