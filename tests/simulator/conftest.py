"""A small catalogue of its own, and the real one."""

from pathlib import Path

import pytest

from pipeline.settings import ROOT, Settings
from simulator.catalogue import Catalogue, read_catalogue
from simulator.world import World, make_world

EARLIER = """
id = "2022-ethics"
name = "师德"
seconds_per_hour = 1000

[window]
opens_at = 2022-06-01T00:00:00+08:00
closes_at = 2022-08-16T00:00:00+08:00

[[courses]]
id = "shared"
name = "共享"
hours = 1
resources = [
  { id = "s1", kind = "video", title = "a", duration_seconds = 700, quizzes = [
    { id = "q", at_seconds = 300, key = { "1" = "A", "2" = ["B", "C"] } } ] },
  { id = "s2", kind = "video", title = "b", duration_seconds = 800 },
  { id = "s3", kind = "text", title = "c", duration_seconds = 300 },
]
"""

MAIN = """
id = "2022-summer"
name = "暑假"
seconds_per_hour = 1000
enrolled_through = ["2022-ethics"]

[window]
opens_at = 2022-07-14T00:00:00+08:00
closes_at = 2022-09-01T00:00:00+08:00
late_arrival_seconds = 86400

[[courses]]
id = "shared"
hours = 1
shared_with = "2022-ethics"

[[courses]]
id = "own"
name = "自有"
hours = 2
resources = [
  { id = "o1", kind = "video", title = "a", duration_seconds = 1600, credit_seconds = 900 },
  { id = "o2", kind = "video", title = "b", duration_seconds = 1500, quizzes = [
    { id = "q1", at_seconds = 400, key = { "1" = "A" } },
    { id = "q2", at_seconds = 1500, key = { "1" = "D" } } ] },
  { id = "o3", kind = "video", title = "c", duration_seconds = 100, quizzes = [
    { id = "q", at_seconds = 0, key = { "1" = "B" } } ] },
]

[[courses]]
id = "extra"
name = "拓展"
hours = 0
resources = [ { id = "e1", kind = "video", title = "a", duration_seconds = 900 } ]
"""


@pytest.fixture
def programmes(tmp_path: Path) -> Path:
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "earlier.toml").write_text(EARLIER, encoding="utf-8")
    (folder / "main.toml").write_text(MAIN, encoding="utf-8")
    return folder


@pytest.fixture
def small(programmes: Path) -> Catalogue:
    return read_catalogue(programmes)


@pytest.fixture(scope="session")
def real() -> Catalogue:
    return read_catalogue(ROOT / "programmes")


@pytest.fixture(scope="session")
def world() -> World:
    """The demo's world, though with fewer heartbeats."""
    return make_world(Settings(), teachers=300, seed=1, heartbeats=120_000)
