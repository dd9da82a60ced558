"""`xueshi demo` and `xueshi up`."""

import sys

import click
from rich.console import Console

from demo.draining import NotDrainedError
from demo.errors import DemoError
from demo.processes import ProcessError
from demo.run import Order, run
from demo.screen import Screen
from demo.up.run import up as run_up
from pipeline.broker.errors import BrokerError
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.regions import RegionError
from pipeline.settings import Settings
from simulator.catalogue import CatalogueError
from simulator.http_player import CollectorAwayError
from simulator.world import TooFewVideosError
from warehouse.errors import WarehouseError

CLEAR = (BrokerError, CatalogueError, CollectorAwayError, DemoError, NotDrainedError, OSError,
         ProcessError, ProgrammeError, RegionError, TooFewVideosError, WarehouseError)
HEARTBEATS_EACH = 1000


@click.command()
@click.option("--teachers", type=click.IntRange(1, 100_000), default=500, show_default=True,
              help="How many teachers.")
@click.option("--heartbeats", type=click.IntRange(1), default=None,
              help=f"At least so many; by default {HEARTBEATS_EACH} a teacher.")
@click.option("--seed", type=int, default=1, show_default=True,
              help="The same seed plays the same summer.")
def demo(teachers: int, heartbeats: int | None, seed: int) -> None:
    """Run the whole path once on this machine and check it against the truth.

    Kafka, collector, worker, loader and publisher run as processes of their own; teachers,
    honest ones and cheats, play a summer over HTTP. Exit code 1 if anybody's credit differs
    from what is true.
    """
    order = Order(teachers, heartbeats or teachers * HEARTBEATS_EACH, seed)
    try:
        differences = run(Settings(), order, Screen(Console(width=120)))
    except CLEAR as error:
        raise click.ClickException(str(error)) from error
    sys.exit(1 if differences else 0)


@click.command()
def up() -> None:
    """Run everything on this machine, with a website to watch videos at, until Ctrl-C.

    Kafka (unless KAFKA_BOOTSTRAP_SERVERS names one), collector, worker, loader, publisher,
    dashboard, teachers' page, and a website that plays the platform: there a demo teacher
    watches, and the pages show the credit. Data and keys stay in up below XUESHI_VAR_DIR, so
    that the next start goes on where this one ended.
    """
    try:
        run_up(Settings(), click.echo)
    except CLEAR as error:
        raise click.ClickException(str(error)) from error
    click.echo("everything is stopped")
