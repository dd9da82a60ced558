"""What it takes to publish a snapshot: this process's time and memory, and the files' sizes."""

import resource
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from bench.country.table import mb, show
from pipeline.settings import Settings
from warehouse.manifest import Manifest
from warehouse.publisher import publish_once


class Figures(NamedTuple):
    """Seconds of the clock and of all cores; the most memory at once, in bytes."""

    wall_s: float
    cpu_s: float
    memory: int


def publish(settings: Settings) -> Manifest:
    """Publish with the real publisher, and show what it took."""
    begun, cpu = time.monotonic(), _cpu_s()
    manifest = publish_once(settings)
    made = Figures(time.monotonic() - begun, _cpu_s() - cpu, _peak())
    show(("publication", "wall", "CPU", "memory at most"), [
        (manifest.publication_id, f"{made.wall_s:.1f} s", f"{made.cpu_s:.1f} s", mb(made.memory))])
    show(("files", "number", "all together", "largest"), list(_sizes(settings)))
    return manifest


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _sizes(settings: Settings) -> list[tuple[str, str, str, str]]:
    found: dict[str, list[int]] = defaultdict(list)
    for path in (settings.snapshot_path, *sorted(settings.published_dir.rglob("*"))):
        if path.is_file():
            found[_kind(path)].append(path.stat().st_size)
    return [(kind, f"{len(sizes):,}", mb(sum(sizes)), mb(max(sizes)))
            for kind, sizes in found.items()]


def _kind(path: Path) -> str:
    if path.suffix not in (".duckdb", ".parquet"):
        return "manifest and lock"
    if path.suffix == ".parquet":
        return "counties, Parquet"
    first = path.name.split("-")[0]
    return {"national": "country", "names": "names of a province",
            "snapshot.duckdb": "snapshot"}.get(first, "provinces")
