"""`xueshi`: the one door to every command."""

import click

from pipeline.agents.cli import worker
from pipeline.broker.cli import broker, topics


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xueshi")
def main() -> None:
    """Credited hours for teacher training videos, decided exactly from player telemetry.

    Settings come from the environment: docs/reference/settings.md lists them.
    """


for command in (broker, topics, worker):
    main.add_command(command)
