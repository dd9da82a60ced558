"""From a dashboard to the JSON that Grafana 9 and newer reads."""

import json
from collections.abc import Iterator
from typing import Any

from ops.dashboards.model import WIDTH, Dashboard, Kind, Panel, Row

SOURCE = {"type": "prometheus", "uid": "xueshi-prometheus"}   # provisioning/datasources
TAG = "xueshi"
OPTIONS: dict[Kind, dict[str, Any]] = {
    Kind.LINES: {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                 "tooltip": {"mode": "multi", "sort": "desc"}},
    Kind.NUMBER: {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                  "colorMode": "value", "graphMode": "area", "textMode": "auto"},
    Kind.TABLE: {"showHeader": True},
}


def as_json(dashboard: Dashboard) -> str:
    """The file's text."""
    return json.dumps(_dashboard(dashboard), ensure_ascii=False, indent=1) + "\n"


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "uid": f"xueshi-{dashboard.name}", "title": dashboard.title,
        "description": dashboard.description, "tags": [TAG], "schemaVersion": 37,
        "editable": False, "refresh": "30s", "time": {"from": "now-3h", "to": "now"},
        "timezone": "Asia/Shanghai", "templating": {"list": []}, "annotations": {"list": []},
        "links": [{"type": "dashboards", "tags": [TAG], "title": "xueshi", "keepTime": True,
                   "asDropdown": False, "includeVars": False, "targetBlank": False}],
        "panels": [{"id": number, **panel} for number, panel in enumerate(_rows(dashboard), 1)],
    }


def _rows(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    y = 0
    for row in dashboard.rows:
        yield {"type": "row", "title": row.title, "collapsed": False, "panels": [],
               "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y}}
        placed, height = _placed(row, y + 1)
        yield from placed
        y += 1 + height


def _placed(row: Row, top: int) -> tuple[list[dict[str, Any]], int]:
    """The row's panels, in as many lines as they need, and how high they are together."""
    x, y, placed = 0, top, []
    for panel in row.panels:
        if x + panel.width > WIDTH:
            x, y = 0, y + row.height
        place = {"h": row.height, "w": panel.width, "x": x, "y": y}
        placed.append({**_panel(panel), "gridPos": place})
        x += panel.width
    return placed, y + row.height - top


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind.value, "title": panel.title, "description": panel.description,
        "datasource": SOURCE, "targets": list(_targets(panel)), "options": OPTIONS[panel.kind],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
    }


def _targets(panel: Panel) -> Iterator[dict[str, Any]]:
    at_once = {"instant": True, "range": False, "format": "table"}
    for number, query in enumerate(panel.queries):
        yield {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query.expr,
               "legendFormat": query.legend or "__auto",
               **(at_once if panel.kind is Kind.TABLE else {})}


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": color, "value": value}
              for color, value in (("yellow", panel.warn), ("red", panel.bad))
              if value is not None]
    defaults: dict[str, Any] = {
        "unit": panel.unit.value, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind is Kind.LINES:
        line = {"thresholdsStyle": {"mode": "off" if panel.bad is None else "line"},
                "fillOpacity": 10, "lineWidth": 1, "showPoints": "never", "spanNulls": False}
        defaults |= {"min": 0, "custom": line, "color": {"mode": "palette-classic"}}
    return defaults
