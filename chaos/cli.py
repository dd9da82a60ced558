"""`xueshi chaos`."""

import os
import shutil
import signal
import sys
from pathlib import Path

import click
import orjson

from chaos.broker import Broker, running_broker
from chaos.faults import FAULTS
from chaos.group import NotSettledError
from chaos.report import RunReport, as_figures, lines, summary
from chaos.run import RunOrder, run
from chaos.supervisor import StayedError
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings
from simulator.catalogue import CatalogueError
from simulator.world import TooFewVideosError

CLEAR = (BrokerError, CatalogueError, NotSettledError, OSError, StayedError, TooFewVideosError)


@click.command()
@click.option("--seed", type=int, default=1, show_default=True,
              help="The same seed plays the same summer and plans the same faults.")
@click.option("--runs", type=click.IntRange(1), default=1, show_default=True,
              help="How many runs; each has a seed one higher.")
@click.option("--teachers", type=click.IntRange(2, 10_000), default=80, show_default=True,
              help="How many teachers, half of them over HTTP.")
@click.option("--workers", type=click.IntRange(2, 3), default=3, show_default=True,
              help="How many workers.")
@click.option("--only", multiple=True, type=click.Choice(list(FAULTS)), metavar="FAULT",
              help="Only this fault; may be given several times.")
@click.option("--seconds", type=click.FloatRange(1), default=None,
              help="About how long the faults of a run may take; by default all happen.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False,
              callback=lambda context, _, wanted: _list(context) if wanted else None,
              help="List the faults and leave.")
@click.option("--keep", is_flag=True, help="Keep the files of the runs, logs and Kafka's data.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              default=None, help="Write all figures to this file.")
def chaos(  # noqa: PLR0913, PLR0917  # a command's options are its parameters
    seed: int, runs: int, teachers: int, workers: int, only: tuple[str, ...],
    seconds: float | None, keep: bool, json_file: Path | None,
) -> None:
    """Let everything fail under load, and prove that nobody lost an hour (rule 14).

    Collectors, workers, loader and publisher run as processes on a Kafka of their own. Exit
    code 1 if any figure of any teacher is wrong in any copy, or a fault did not land.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    orders = [RunOrder(seed + number, teachers, workers, only, seconds) for number in range(runs)]
    try:
        reports = _all(Settings(), orders, keep)
    except CLEAR as error:
        raise click.ClickException(str(error)) from error
    if json_file is not None:
        json_file.write_bytes(orjson.dumps(as_figures(reports), option=orjson.OPT_INDENT_2))
    click.echo(summary(reports))
    sys.exit(0 if all(report.good for report in reports) else 1)


def _list(context: click.Context) -> None:
    for fault in FAULTS.values():
        click.echo(f"{fault.name:28}{fault.meaning}")
    context.exit()


def _all(base: Settings, orders: list[RunOrder], keep: bool) -> list[RunReport]:
    """All runs, on one broker, which is stopped afterwards. Files of a bad one are kept."""
    folder = (base.var_dir / "chaos" / f"{os.getpid()}").resolve()
    reports: list[RunReport] = []
    try:
        with running_broker(folder) as broker:
            for order in orders:
                reports.append(_one(base, broker, folder / f"seed-{order.seed}", order))
    finally:
        good = len(reports) == len(orders) and all(report.good for report in reports)
        _tidy(folder, keep or not good)
    return reports


def _tidy(folder: Path, keep: bool) -> None:
    if keep:
        click.echo(f"logs and data are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _one(base: Settings, broker: Broker, folder: Path, order: RunOrder) -> RunReport:
    click.echo(f"{order.again}: {len(order.moments())} faults")
    report = run(base, broker, folder, order, click.echo)
    click.echo("\n".join(lines(report)))
    return report
