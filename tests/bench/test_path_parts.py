"""Each part of the path's benchmark once, small, over a real Kafka; and its checks, which fail."""

from collections.abc import Iterator
from contextlib import ExitStack

import click
import duckdb
import pytest

from bench.path import crediting, loading, publishing, recovering, showing, streaming
from bench.path.crediting import TAKEN
from bench.path.figures import Figures, Forms
from bench.path.ground import Ground, Size
from bench.path.traces import STAGES
from pipeline.settings import Settings

pytestmark = pytest.mark.kafka
SIZE = Size(credited=120, teachers=800, requests=3, rate=30.0, seconds=4.0, windows=2,
            recovered=400)


@pytest.fixture
def ground(settings: Settings, kafka: str) -> Iterator[Ground]:
    with ExitStack() as stack:
        yield Ground(settings, kafka, None, SIZE, stack)


def require_all(figures: Figures, forms: Forms) -> None:
    """Every figure of the table that such a run has, and none of them is nothing."""
    left_out = {"cores: kafka", "highest load found, posts a second"}  # not ours; no ramp
    assert set(figures) == set(forms) - left_out
    assert all(value >= 0 for value in figures.values())


def test_crediting_can_be_measured_again_and_again(ground: Ground) -> None:
    with crediting.crediting(ground) as work:
        first, again = work(), work()
    require_all(first, crediting.FORMS)
    many = sum(len(list(getattr(ground.crowd_of(SIZE.credited), name)())) for name in TAKEN)
    for run in (first, again):
        assert run["records per CPU-second"] * run["CPU, s"] == pytest.approx(many)


def test_what_is_loaded_is_published_and_shown(ground: Ground) -> None:
    require_all(loading.load(ground), loading.FORMS)
    require_all(publishing.publish(ground), publishing.FORMS)
    with showing.showing(ground) as work:
        require_all(work(), showing.FORMS)
    settings = loading.loaded(ground)
    with pytest.raises(click.ClickException, match="published are"):
        publishing.require_published(settings, ground.crowd_of(SIZE.teachers + 1))
    with duckdb.connect(settings.warehouse_path) as db:
        db.execute("UPDATE ledger SET seconds = seconds + 1 WHERE kafka_offset = 0")
    with pytest.raises(click.ClickException, match="the warehouse has"):
        loading.require_whole(settings, ground.crowd)


def test_a_stream_is_followed_from_end_to_end(ground: Ground) -> None:
    with streaming.streaming(ground, beat_s=1.0) as work:
        _, figures = work(), work()
    require_all(figures, streaming.FORMS)
    assert figures["posts a second"] == pytest.approx(30, abs=2)
    assert figures["completions a second"] == pytest.approx(7.5, abs=1)
    stages = [figures[f"post → {stage}, p50, s"] for stage in STAGES]
    assert stages == sorted(stages)


def test_state_is_read_back(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovering, "HEARTBEATS", 20)
    with recovering.recovering(ground) as work:
        require_all(work(), recovering.FORMS)
