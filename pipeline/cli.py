"""`xueshi`: the one door to every command."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click
from pydantic import ValidationError

from audit.explain_cli import explain_command
from audit.rebuild_cli import rebuild
from audit.rejections_cli import rejections
from chaos.cli import chaos
from demo.cli import demo, up
from demo.site.cli import demo_site
from learner.cli import learner
from pipeline import reference
from pipeline.agents.cli import worker
from pipeline.broker.cli import broker, topics
from pipeline.collector.cli import collector
from pipeline.settings import ROOT
from registry.cli import adjust, roster
from simulator.cli import simulate
from warehouse.certificate.cli import certificate, certificate_check
from warehouse.cli import loader, publisher, report, warehouse
from warehouse.dashboard.access.cli import accounts
from warehouse.dashboard.cli import dashboard


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xueshi")
def commands() -> None:
    """Credited hours for teacher training videos, decided exactly from player telemetry.

    Settings come from the environment: docs/reference/settings.md lists them.
    """


@click.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path),
              default=ROOT / "docs" / "reference", show_default="docs/reference",
              help="Folder of the reference pages.")
def docs(into: Path) -> None:
    """Write the reference pages that are made from the code."""
    for path in reference.write(into, commands):
        click.echo(path)


for command in (
    accounts, adjust, broker, certificate, certificate_check, chaos, collector, dashboard, demo,
    demo_site, docs, explain_command, learner, loader, publisher, rebuild, rejections, report,
    roster, simulate, topics, up, warehouse, worker,
):
    commands.add_command(command)


def main() -> None:
    """Run a command; a wrong setting is one line that names its variable."""
    try:
        commands(prog_name="xueshi")
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        variable = name if name.isupper() else f"XUESHI_{name.upper()}"
        click.echo(f"Error: {variable}: {fault['msg']}: see docs/reference/settings.md", err=True)
        _fail(2)
    except SystemExit as end:
        if end.code:
            _fail(end.code if isinstance(end.code, int) else 1)


def _fail(code: int) -> NoReturn:
    """End at once, so that the error stays the last line: a Kafka client that could not connect
    leaves a thread behind, of which DuckDB would tell at length at Python's own end.
    """
    logging.shutdown()
    with suppress(OSError):  # a closed pipe, or a log on a full disk
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
