"""Dashboards: their JSON is made from the code, each panel asks for what is served, and nothing
that is served is nowhere to be seen.
"""

import json
from itertools import combinations
from typing import Any

import pytest
import yaml

from ops.dashboards import DASHBOARDS
from ops.dashboards.__main__ import FOLDER
from ops.dashboards.grafana import SOURCE, as_json
from ops.dashboards.model import WIDTH, Dashboard, Panel
from pipeline.metrics.catalogue import METRICS
from pipeline.settings import ROOT
from tests.ops.queries import asked, faults, labels_of, metric_of

PANELS = [(dashboard.name, panel) for dashboard in DASHBOARDS for panel in dashboard.panels()]
PROVISIONING = ROOT / "ops" / "grafana" / "provisioning"


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.name)
def test_the_json_is_what_the_code_makes(dashboard: Dashboard) -> None:
    text = (FOLDER / f"{dashboard.name}.json").read_text(encoding="utf-8")
    assert text == as_json(dashboard), "run `python -m ops.dashboards`"


def test_there_is_no_other_json() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {one.name for one in DASHBOARDS}


@pytest.mark.parametrize(("_", "panel"), PANELS, ids=[f"{n}-{p.title}" for n, p in PANELS])
def test_a_panel_asks_for_what_is_served_and_says_what_it_shows(_: str, panel: Panel) -> None:
    for query in panel.queries:
        fitted = query.expr.replace("$__rate_interval", "1m")
        assert list(faults(fitted)) == []
        known = {label for one in asked(fitted) for label in labels_of(one.metric) or ()}
        shown = {part.partition("}}")[0] for part in query.legend.split("{{")[1:]}
        assert shown <= known
    assert panel.description.endswith(".")
    assert panel.queries


def test_every_metric_is_seen_somewhere() -> None:
    seen = {metric.name for _, panel in PANELS for query in panel.queries
            for one in asked(query.expr) if (metric := metric_of(one.metric))}
    assert {metric.name for metric in METRICS} - seen == set()


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.name)
def test_panels_stand_beside_each_other_and_not_on_each_other(dashboard: Dashboard) -> None:
    panels: list[dict[str, Any]] = json.loads(as_json(dashboard))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= WIDTH for place in places)
    for one, other in combinations(places, 2):
        assert (one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"])


def test_grafana_is_told_where_dashboards_and_data_are() -> None:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())[
        "datasources"]
    assert {"type": source["type"], "uid": source["uid"]} == SOURCE
    scrape = yaml.safe_load((ROOT / "ops" / "prometheus" / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == scrape["global"]["scrape_interval"]
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "xueshi.yml").read_text())[
        "providers"]
    assert provider["type"] == "file"
