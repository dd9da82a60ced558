"""How long an analyst's queries take, on the largest province's file and on the country's."""

import statistics
import time
from pathlib import Path

import duckdb

from bench.country.subjects import subjects
from bench.country.table import show
from pipeline.settings import Settings

TIMES = 3

COUNTRY = {
    "funnel of each province": """
        SELECT left(region, 2), programme_id, sum(on_roster), sum(enrolled), sum(started),
               sum(completed), sum(certificate)
        FROM totals GROUP BY ALL ORDER BY ALL""",
    "the week of most completions": """
        SELECT date_trunc('week', local_day) AS week, sum(completed) FROM daily
        GROUP BY ALL ORDER BY 2 DESC LIMIT 1""",
    "attainment of each course": """
        SELECT programme_id, name, sum(credited) / sum(required) FROM course_totals
        JOIN courses USING (programme_id, course_id) GROUP BY ALL ORDER BY ALL""",
}
PROVINCE = {
    "funnel of each county": """
        SELECT region, programme_id, sum(on_roster), sum(completed) FROM totals
        GROUP BY ALL ORDER BY ALL""",
    "days from enrolment to completion": """
        SELECT programme_id, date_diff('day', enrolled_at, completed_at) AS days, count(*)
        FROM progress WHERE completed_at IS NOT NULL GROUP BY ALL ORDER BY ALL""",
    "completed by stage and subject": """
        SELECT stage, subject, programme_id, count(*), count(completed_at)
        FROM teachers JOIN progress USING (teacher_id) GROUP BY ALL ORDER BY ALL""",
    "who lacks one course only": """
        SELECT teacher_id, count(*) FILTER (credited >= required) AS done
        FROM course_progress JOIN courses USING (programme_id, course_id)
        WHERE programme_id = (FROM programmes SELECT arg_max(programme_id, opens_at))
            AND required > 0
        GROUP BY teacher_id HAVING done = 6 ORDER BY ALL LIMIT 100""",
    "teachers of two programmes": """
        SELECT count(*) FROM (
            SELECT teacher_id FROM progress WHERE completed_at IS NOT NULL
            GROUP BY teacher_id HAVING count(*) > 1)""",
    "one teacher's courses": """
        FROM course_progress WHERE teacher_id = (FROM teachers SELECT max(teacher_id))""",
}


def queries(settings: Settings) -> None:
    """Show the first time and the median of some more, and the rows."""
    of = subjects(settings)
    show(("query", "rows", "first ms", "median ms"),
         [*_timed("country", of.country, COUNTRY), *_timed("province", of.file, PROVINCE)])


def _timed(where: str, path: Path, each: dict[str, str]) -> list[tuple[str, str, str, str]]:
    with duckdb.connect(path, read_only=True) as db:
        return [_line(f"{where}: {name}", db, sql) for name, sql in each.items()]


def _line(name: str, db: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, str, str, str]:
    times = []
    for _ in range(TIMES + 1):
        before = time.perf_counter()
        rows = len(db.execute(sql).fetchall())
        times.append((time.perf_counter() - before) * 1000)
    return name, f"{rows:,}", f"{times[0]:.0f}", f"{statistics.median(times[1:]):.0f}"
