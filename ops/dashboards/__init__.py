"""Grafana's dashboards, written here and made into JSON by `python -m ops.dashboards`."""

from ops.dashboards import collector, overview, pipeline, warehouse
from ops.dashboards.model import Dashboard

DASHBOARDS: tuple[Dashboard, ...] = (
    overview.DASHBOARD, pipeline.DASHBOARD, collector.DASHBOARD, warehouse.DASHBOARD)
