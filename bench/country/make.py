"""Write a warehouse's snapshot of any size: real tables, made-up people, consistent in all."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from bench.country.stories import ENROLLED, STORIES, Step, stories
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from warehouse.dimensions import load_dimensions
from warehouse.migrate import migrate

HERE = Path(__file__).parent

STEPS = """
CREATE TEMP TABLE steps (
    programme_id VARCHAR, story BIGINT, seq BIGINT, day INTEGER, second BIGINT, kind VARCHAR,
    course_id VARCHAR, resource_id VARCHAR, seconds BIGINT, learned BIGINT, credited BIGINT)
"""


class Size(NamedTuple):
    """How large. `province`: two digits that all codes begin with, '' for the whole country;
    `ranking`: rule 28's switch, for all programmes.
    """

    teachers: int
    schools: int
    province: str = ""
    ranking: bool = False


def make(settings: Settings, size: Size, memory: str = "2GB") -> Iterator[str]:
    """Write the snapshot anew; each part is told when it is there. `memory`: DuckDB's limit."""
    path = settings.snapshot_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    catalogue = load_catalogue(settings.programmes_dir)
    with _opened(path, memory) as db:
        _prepare(db, settings, catalogue)
        _variables(db, catalogue, size)
        yield from _parts(db, catalogue)
        db.execute("CHECKPOINT")


@contextmanager
def _opened(path: Path, memory: str) -> Iterator[DuckDBPyConnection]:
    with duckdb.connect(path, config={
        "memory_limit": memory, "temp_directory": str(path.parent / "spill"),
        "preserve_insertion_order": False,
    }) as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        yield db


def _prepare(db: DuckDBPyConnection, settings: Settings, catalogue: Catalogue) -> None:
    """Empty tables of the real migrations, programmes, regions, and the stories."""
    migrate(db, max(p.window.closes_at for p in catalogue.programmes.values()))
    load_dimensions(db, catalogue)
    db.execute("CREATE TEMP TABLE gbt2260 AS FROM read_csv(?, header = true, all_varchar = true)",
               [str(settings.regions_file)])
    db.execute(STEPS)
    with db.appender("steps") as appender:
        appender.append_rows(_steps(catalogue))


def _steps(catalogue: Catalogue) -> list[Step]:
    return [step for programme in catalogue.programmes.values() for step in stories(programme)]


def _parts(db: DuckDBPyConnection, catalogue: Catalogue) -> Iterator[str]:
    begun = time.monotonic()
    last = max(catalogue.programmes.values(), key=lambda p: p.window.opens_at).id
    for part in ("places", "progress"):
        text = (HERE / f"{part}.sql").read_text("utf-8")
        db.execute(text.replace("{programme}", last).replace("{enrolled}", str(ENROLLED)))
        yield f"{part}: {time.monotonic() - begun:.0f} s"
    rows = _ledger(db)
    yield f"ledger: {rows:,} entries, {time.monotonic() - begun:.0f} s"


def _variables(db: DuckDBPyConnection, catalogue: Catalogue, size: Size) -> None:
    windows = [programme.window for programme in catalogue.programmes.values()]
    opens_at, as_of = min(w.opens_at for w in windows), max(w.closes_at for w in windows)
    for name, kind, value in (
        ("teachers", "BIGINT", size.teachers), ("schools", "BIGINT", size.schools),
        ("province", "VARCHAR", size.province), ("factor", "BIGINT", _factor(size.teachers)),
        ("ranking", "BOOLEAN", size.ranking), ("stories", "BIGINT", STORIES),
        ("opens_ms", "BIGINT", opens_at), ("as_of_ms", "BIGINT", as_of),
    ):
        db.execute(f"SET VARIABLE {name} = ?::{kind}", [value])


def _factor(teachers: int) -> int:
    """A number without a common divisor, so that number × factor visits everybody once."""
    return next(f for f in range(7_368_787, 8_000_000) if math.gcd(f, teachers) == 1)


def _ledger(db: DuckDBPyConnection) -> int:
    """Day by day, as it would have grown; how many entries."""
    text, rows = (HERE / "ledger.sql").read_text("utf-8"), 0
    for day in _days(db):
        db.execute("SET VARIABLE local_day = ?::DATE", [day])
        db.execute("SET VARIABLE ledger_rows = ?::BIGINT", [rows])
        added = db.execute(text).fetchone()
        rows += added[0] if added else 0
    return rows


def _days(db: DuckDBPyConnection) -> Iterator[date]:
    row = db.execute("SELECT min(local_day), max(local_day) FROM daily").fetchone()
    first, last = row if row else (date.min, date.min)
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
