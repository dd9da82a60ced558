"""A real publisher over the loaded warehouse, once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import duckdb

from bench.path.crowd import Crowd
from bench.path.figures import Figures
from bench.path.ground import Ground
from bench.path.loading import loaded
from bench.path.part import Part, Work
from bench.path.whole import finished
from demo.environment import environment
from pipeline.settings import Settings
from warehouse.manifest import NATIONAL, read_manifest

FORMS = {
    "wall, s": ",.1f",
    "CPU, s": ",.1f",
    "most memory, MiB": ",.0f",
    "files": ",.0f",
    "all files, MB": ",.1f",
    "snapshot it reads, MB": ",.0f",
}


@contextmanager
def publishing(ground: Ground) -> Iterator[Work]:
    """Each run publishes the warehouse that was loaded last, as if nothing were published yet."""
    yield lambda: publish(ground)


PART = Part("publisher", FORMS, publishing)


def published(ground: Ground) -> Settings:
    """Settings of the last publication, or of one that is made now."""
    settings = loaded(ground)
    if not settings.published_dir.exists():
        publish(ground)
    return settings


def publish(ground: Ground) -> Figures:
    """One run; its publication stays for others."""
    settings = loaded(ground)
    shutil.rmtree(settings.published_dir, ignore_errors=True)
    spent = finished(["publisher", "--once"], environment(settings),
                     settings.var_dir / "publisher.log")
    files = read_manifest(settings.published_dir).all_files
    require_published(settings, ground.crowd)
    return {"wall, s": spent.wall_s, "CPU, s": spent.cpu_s, "most memory, MiB": spent.memory_mb,
            "files": len(files), "all files, MB": sum(file.bytes for file in files) / 1e6,
            "snapshot it reads, MB": settings.snapshot_path.stat().st_size / 1e6}


def require_published(settings: Settings, crowd: Crowd) -> None:
    """The provinces' files together have everybody, with the seconds that are true.

    Raises:
        ClickException: they do not.
    """
    folder = settings.published_dir
    provinces = [_sums(folder / file.name) for file in read_manifest(folder).files
                 if file.region != NATIONAL]
    found = tuple(map(sum, zip(*provinces, strict=True)))
    sums = crowd.sums
    expected = (crowd.teachers, sums.finally_learned, sums.finally_credited, sums.completed)
    if found != expected:
        raise click.ClickException(
            f"published are teachers, seconds learned and credited, and completions: {found}, "
            f"and should be {expected}")


def _sums(path: Path) -> tuple[int, ...]:
    with duckdb.connect(path, read_only=True) as db:
        row = db.execute("""
            SELECT (SELECT count(*) FROM teachers), sum(learned), sum(credited),
                   count(completed_at) FROM progress""").fetchone()
    return row or ()
