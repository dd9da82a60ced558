"""How long a worker takes to read back the state of many teachers (bench/recovery.py)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bench import recovery
from bench.path.figures import Figures
from bench.path.ground import Ground, with_topics
from bench.path.part import Part, Work
from bench.states import fill, people
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

FORMS = {
    "answers after its start, s": ",.1f",
    "changelog, MB": ",.0f",
    "memory, MiB": ",.0f",
    "memory per million teachers, MiB": ",.0f",
    "seconds per million teachers": ",.1f",
}
HEARTBEATS = 500
MOST_RUNS = 3
MILLION = 1_000_000


@contextmanager
def recovering(ground: Ground) -> Iterator[Work]:
    """Writes the state once; each run starts a worker."""
    settings = ground.settings("recovery")
    teachers = ground.size.recovered
    with with_topics(settings, ground.kafka):
        found = people(load_catalogue(settings.programmes_dir), settings, HEARTBEATS)
        written = asyncio.run(fill(settings, found, teachers))
        yield lambda: _run(settings, teachers, written)


PART = Part("recovery", FORMS, recovering, MOST_RUNS)


def _run(settings: Settings, teachers: int, written: int) -> Figures:
    found = recovery.start(settings, teachers, written)
    share = MILLION / teachers
    return {"answers after its start, s": found.ready_s, "changelog, MB": found.changelog_mb,
            "memory, MiB": found.memory_mb,
            "memory per million teachers, MiB": found.memory_mb * share,
            "seconds per million teachers": found.ready_s * share}
