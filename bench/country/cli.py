"""`python -m bench.country`: make a country, publish it, and measure what shows it.

    python -m bench.country make --teachers 1000000 var/country
    python -m bench.country publish var/country
    python -m bench.country pages var/country
    python -m bench.country queries var/country
"""

from pathlib import Path

import click

from bench.country.make import Size, make
from bench.country.pages import pages as measure_pages
from bench.country.publish import publish as measure_publish
from bench.country.queries import queries as measure_queries
from pipeline.settings import Settings

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def country() -> None:
    """A made-up country of any size, and what the warehouse takes for it."""


@country.command("make")
@FOLDER
@click.option("--teachers", type=click.IntRange(100), default=1_000_000, show_default=True)
@click.option("--schools", type=click.IntRange(1), help="[default: one for 85 teachers]")
@click.option("--province", default="", help="All of it in this province: its first two digits.")
@click.option("--ranking", is_flag=True, help="Let places be ranked, so that all columns sort.")
@click.option("--memory", default="8GB", show_default=True, help="DuckDB's limit.")
def make_(
    folder: Path, teachers: int, schools: int | None, province: str, ranking: bool, memory: str
) -> None:
    """Write a warehouse's snapshot."""
    size = Size(teachers, schools or max(10, teachers // 85), province, ranking)
    for part in make(Settings(var_dir=folder), size, memory):
        click.echo(part)


@country.command("publish")
@FOLDER
def publish_(folder: Path) -> None:
    """Publish the snapshot with the real publisher."""
    measure_publish(Settings(var_dir=folder))


@country.command("pages")
@FOLDER
@click.option("--times", type=click.IntRange(1), default=3, show_default=True)
def pages_(folder: Path, times: int) -> None:
    """Ask a real dashboard for every kind of page, each once and then several times."""
    measure_pages(Settings(var_dir=folder), times)


@country.command("queries")
@FOLDER
def queries_(folder: Path) -> None:
    """Time an analyst's queries."""
    measure_queries(Settings(var_dir=folder))
