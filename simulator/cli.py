"""`xueshi simulate`: a summer of teachers, through the collector or straight to Kafka."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.broker.producing import producing
from pipeline.settings import SettingMissingError, Settings
from simulator.bulk import load
from simulator.catalogue import CatalogueError
from simulator.http_player import RETRIED, CollectorAwayError, Tally
from simulator.play import enrol_late, play, register, truth_of_all
from simulator.truth import TeacherTruth
from simulator.truth_file import write_truth
from simulator.world import TooFewVideosError, make_world

HEARTBEATS_EACH = 1000
BULK_EVENTS = 500

CLEAR = (BrokerError, CatalogueError, CollectorAwayError, SettingMissingError, TooFewVideosError,
         OSError)


@click.command()
@click.option("--teachers", type=click.IntRange(min=1, max=999_999), default=500,
              show_default=True, help="How many teachers.")
@click.option("--seed", type=int, default=1, show_default=True,
              help="The same seed plays the same summer.")
@click.option("--heartbeats", type=click.IntRange(min=1), default=None,
              help=f"At least so many heartbeats; by default {HEARTBEATS_EACH} a teacher.")
@click.option("--collector", default=None,
              help="The collector's URL; by default where the settings have it. It must run"
                   " with XUESHI_SIMULATION=true.")
@click.option("--bulk", is_flag=True, help="Straight to Kafka, packed, without a collector.")
@click.option("--truth-out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Write every teacher's true outcome here, a JSON object a line.")
def simulate(
    teachers: int, seed: int, heartbeats: int | None, collector: str | None, bulk: bool,
    truth_out: Path | None,
) -> None:
    """Play a summer of teachers whose true credit is known, honest ones and cheats.

    Exit code 1 if the collector answered anything otherwise than it has to.
    """
    settings = Settings()
    wanted = heartbeats or teachers * HEARTBEATS_EACH
    url = collector or f"http://{settings.collector_host}:{settings.collector_port}"
    with _clear_errors(), _bar(wanted) as bar:
        if bulk:
            truth, summary = _in_bulk(settings, teachers, seed, wanted, bar)
            refused = False
        else:
            truth, tally = _over_http(settings, url, teachers, seed, wanted, bar)
            summary, refused = describe(tally), tally.unexpected > 0
        if truth_out is not None:
            write_truth(truth, truth_out)
    click.echo(summary)
    if refused:
        raise click.ClickException("the collector gave unexpected answers, listed above")


class Bar:
    """The progress bar, which appears on stderr."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total)

    def update(self, heartbeats: int) -> None:
        self._progress.update(self._task, completed=heartbeats)


@contextmanager
def _bar(total: int) -> Iterator[Bar]:
    columns = (TextColumn("heartbeats"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, total)


def _over_http(
    settings: Settings, url: str, teachers: int, seed: int, heartbeats: int, bar: Bar
) -> tuple[tuple[TeacherTruth, ...], Tally]:
    result = asyncio.run(play(settings, url, teachers, seed, heartbeats,
                              lambda tally: bar.update(tally.heartbeats)))
    return result.truth, result.tally


def _in_bulk(
    settings: Settings, teachers: int, seed: int, heartbeats: int, bar: Bar
) -> tuple[tuple[TeacherTruth, ...], str]:
    world = make_world(settings, teachers, seed, heartbeats)
    bootstrap = local.bootstrap(settings)
    register(settings, bootstrap, world)
    with producing(bootstrap) as producer:
        result = load(producer, settings, world, BULK_EVENTS, bar.update)
    enrol_late(settings, bootstrap, world)
    return truth_of_all(world), (
        f"{result.heartbeats} heartbeats and {result.quizzes} quizzes in {result.records} records"
    )


def describe(tally: Tally) -> str:
    """The tally in words: totals, answers by kind, and what was not expected."""
    kinds = [f"  {kind}: {count} × {status}{_remark(tally, kind, status)}"
             for (kind, status), count in sorted(tally.statuses.items())]
    return "\n".join([
        f"{tally.heartbeats} heartbeats in {tally.posts} posts of {tally.plays} plays;"
        f" {tally.retries} sent again",
        *kinds,
        f"{tally.unexpected} unexpected answers",
        *(f"  {example}" for example in tally.examples),
    ])


def _remark(tally: Tally, kind: str, status: int) -> str:
    if status in RETRIED:
        return "  (sent again)"
    return "" if tally.expected[kind, status] else "  (unexpected)"


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except CLEAR as error:
        raise click.ClickException(str(error)) from error
