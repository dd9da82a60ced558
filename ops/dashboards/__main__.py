"""`python -m ops.dashboards`: writes the JSON of every dashboard, which Grafana reads."""

import click

from ops.dashboards import DASHBOARDS
from ops.dashboards.grafana import as_json
from pipeline.settings import ROOT

FOLDER = ROOT / "ops" / "grafana" / "dashboards"


@click.command()
def write() -> None:
    """Write the dashboards for Grafana."""
    for dashboard in DASHBOARDS:
        path = FOLDER / f"{dashboard.name}.json"
        path.write_text(as_json(dashboard), encoding="utf-8")
        click.echo(path)


if __name__ == "__main__":
    write()
