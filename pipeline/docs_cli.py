"""`xueshi docs`."""

from pathlib import Path

import click

from pipeline import reference
from pipeline.cli import commands
from pipeline.settings import ROOT


@click.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path),
              default=ROOT / "docs" / "reference", show_default="docs/reference",
              help="Folder of the reference pages.")
def docs(into: Path) -> None:
    """Write the reference pages that are made from the code."""
    for path in reference.write(into, commands):
        click.echo(path)
