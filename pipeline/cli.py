"""`xueshi`: the one door to every command."""

import logging
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click
from pydantic import ValidationError

from pipeline.settings import SettingMissingError

# Where each command is: imported when it is asked for, as all of them take a second, and a
# collector has no use for DuckDB.
COMMANDS = {
    "accounts": "warehouse.dashboard.access.cli:accounts",
    "adjust": "registry.cli:adjust",
    "broker": "pipeline.broker.cli:broker",
    "certificate": "warehouse.certificate.cli:certificate",
    "certificate-check": "warehouse.certificate.cli:certificate_check",
    "chaos": "chaos.cli:chaos",
    "collector": "pipeline.collector.cli:collector",
    "dashboard": "warehouse.dashboard.cli:dashboard",
    "demo": "demo.cli:demo",
    "demo-site": "demo.site.cli:demo_site",
    "docs": "pipeline.docs_cli:docs",
    "explain": "audit.explain_cli:explain_command",
    "lag": "pipeline.lag.cli:lag",
    "learner": "learner.cli:learner",
    "loader": "warehouse.cli:loader",
    "publisher": "warehouse.cli:publisher",
    "rebuild": "audit.rebuild_cli:rebuild",
    "rejections": "audit.rejections_cli:rejections",
    "repartition": "pipeline.repartition.cli:repartition",
    "report": "warehouse.cli:report",
    "roster": "registry.cli:roster",
    "simulate": "simulator.cli:simulate",
    "topics": "pipeline.broker.cli:topics",
    "up": "demo.cli:up",
    "warehouse": "warehouse.cli:warehouse",
    "worker": "pipeline.agents.cli:worker",
}


class Commands(click.Group):
    """A group of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        found: click.Command | None = getattr(import_module(module), name) if module else None
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xueshi")
def commands() -> None:
    """Credited hours for teacher training videos, decided exactly from player telemetry.

    Settings come from the environment: docs/reference/settings.md lists them.
    """


def main() -> None:
    """Run a command; a wrong setting is one line that names its variable."""
    try:
        commands(prog_name="xueshi")
    except ValidationError as error:
        click.echo(f"Error: {_wrong(error)}: see docs/reference/settings.md", err=True)
        _fail(2)
    except SettingMissingError as error:
        click.echo(f"Error: {error}", err=True)
        _fail(2)
    except SystemExit as end:
        if end.code:
            _fail(end.code if isinstance(end.code, int) else 1)


def _wrong(error: ValidationError) -> str:
    """What is wrong with the first wrong setting; of several together the message names them."""
    fault = error.errors(include_url=False, include_input=False)[0]
    if not fault["loc"]:
        return fault["msg"].removeprefix("Value error, ")
    name = str(fault["loc"][0])
    return f"{name if name.isupper() else f'XUESHI_{name.upper()}'}: {fault['msg']}"


def _fail(code: int) -> NoReturn:
    """End at once, so that the error stays the last line: a Kafka client that could not connect
    leaves a thread behind, of which DuckDB would tell at length at Python's own end.
    """
    logging.shutdown()
    with suppress(OSError):  # a closed pipe, or a log on a full disk
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
