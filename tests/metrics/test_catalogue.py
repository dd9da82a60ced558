"""The catalogue of metrics: its names are Prometheus' way, its labels few, its page complete."""

import re
from collections import Counter

import pytest

from pipeline.metrics.board import Board, NotInCatalogueError
from pipeline.metrics.catalogue import METRICS, common, http, of
from pipeline.metrics.catalogue import lag as lag_metrics
from pipeline.metrics.metric import Histogram, Kind, Metric, Process, Sample
from pipeline.settings import ROOT

PAGE = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
PERSONAL = {"teacher", "teacher_id", "session", "session_id", "account", "name", "phone", "offset"}
FEW = {"process", "version", "level", "route", "status", "reason", "agent", "kind", "verdict",
       "topic", "partition", "file", "result", "check", "severity", "group", "state", "stage"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_name_says_its_kind_and_unit(metric: Metric) -> None:
    assert re.fullmatch(r"(xueshi|process|kafka)_[a-z0-9_]+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    bare = metric.name.removesuffix("_total")
    if metric.unit:
        assert bare.endswith(f"_{metric.unit}")
    assert bool(metric.bounds) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.bounds) == sorted(set(metric.bounds))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_labels_are_of_those_that_have_few_values_and_no_person(metric: Metric) -> None:
    assert not PERSONAL & set(metric.labels)
    assert set(metric.labels) <= FEW
    assert all(metric.labels.values())


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_documented(metric: Metric) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{metric.name}` |")]
    assert metric.help in row
    assert all(f"`{label}`" in row for label in metric.labels)


def test_no_name_is_given_twice_and_every_process_has_some() -> None:
    assert [name for name, n in Counter(one.name for one in METRICS).items() if n > 1] == []
    assert all(len(of(process)) > 10 for process in Process)


def test_what_is_not_in_the_catalogue_cannot_be_served() -> None:
    foreign = Board(Process.LOADER, lambda: [Sample(lag_metrics.UP, 1)])
    with pytest.raises(NotInCatalogueError, match="xueshi_lag_kafka_up"):
        foreign.text()
    without_labels = Board(Process.COLLECTOR, lambda: [Sample(http.REQUESTS, 1)])
    with pytest.raises(NotInCatalogueError):
        without_labels.text()


def test_what_cannot_be_read_does_not_hide_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> list[Sample]:
        raise RuntimeError("dictionary changed size during iteration")

    board = Board(Process.LAG, broken, lambda: [Sample(lag_metrics.UP, 1)])
    text = board.text().decode()
    assert "xueshi_lag_kafka_up 1.0" in text
    assert f"{common.UNREADABLE.name} 1.0" in text
    assert "metrics cannot be read" in caplog.text


def test_a_histogram_counts_cumulated_with_bounds_inclusive() -> None:
    histogram = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 7.0):
        histogram.add(value)
    assert list(histogram.cumulated()) == [("0.1", 2), ("1", 3), ("+Inf", 4)]
    assert histogram.total == pytest.approx(7.65)
