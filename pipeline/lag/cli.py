"""`xueshi lag`."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.lag.serving import serve_for_ever
from pipeline.lag.shown import as_json, as_table
from pipeline.lag.states import State
from pipeline.lag.watch import Report, Watch
from pipeline.settings import Settings

EXIT_CODES = {State.OK: 0, State.WARN: 3}
ERROR_CODE = 4   # STOP, STALL, REWIND
EVERY_S, SERVED_EVERY_S = 1.0, 5.0
WINDOW_S, SERVED_WINDOW_S = 10.0, 60.0
WIDTH = 160      # of a table that goes into a file or a pipe


@click.command()
@click.option("--once/--watch", default=True, show_default=True,
              help="One answer, after --window unless nothing is behind; or a live one until "
              "Ctrl-C.")
@click.option("--serve", is_flag=True,
              help="Serve it as metrics instead (docs/reference/metrics.md), until stopped.")
@click.option("--json", "json_", is_flag=True, help="A line of JSON a look, instead of a table.")
@click.option("--group", "groups", multiple=True, metavar="NAME",
              help="Show this consumer group, any of Kafka's; may be repeated.  [default: the "
              "worker's, the loader's and the publisher's]")
@click.option("--window", type=click.FloatRange(2, 3600),
              help="Seconds over which rate and state are told; never less than three flushes "
              "or landings.  [default: 10; with --serve 60]")
@click.option("--every", type=click.FloatRange(0.2, 600),
              help="Seconds from one look to the next.  [default: 1; with --serve 5]")
def lag(
    once: bool, serve: bool, json_: bool, groups: tuple[str, ...], window: float | None,
    every: float | None,
) -> None:
    """Show how far each consumer is behind, and whether it is getting anywhere.

    For each partition: records and seconds behind (the age of the first record that is not
    committed; 0 when nothing is behind), records committed a second, time until it has caught up,
    owner, and state: OK; WARN, what is behind does not get less; STALL, it has an owner and does
    not move; STOP, it has none; REWIND, it went back, or stands beyond the end. Below them, how
    old an event is until it is in the warehouse, and until it is published.

    Exit code: 0 all is OK; 3 the worst is WARN; 4 the worst is STALL, STOP or REWIND; 1 Kafka
    cannot be asked; 2 wrong usage.
    """
    settings = Settings()
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # away is said by the command, once
    if serve:
        serve_for_ever(settings, groups, window or SERVED_WINDOW_S, every or SERVED_EVERY_S)
    with _clear_errors():
        watch = Watch.of(settings, local.running(settings), now_ms, window or WINDOW_S, groups)
        if once:
            _show_once(watch, every or EVERY_S, json_)
        _show_for_ever(watch, every or EVERY_S, json_)


def _show_once(watch: Watch, every: float, json_: bool) -> NoReturn:
    report = settled(watch, every)
    if json_:
        click.echo(as_json(report))
    else:
        _console().print(as_table(report))
    sys.exit(EXIT_CODES.get(report.state, ERROR_CODE))


def settled(watch: Watch, every: float) -> Report:
    """A report that knows rates and states: at once if nothing is behind, else after the window.

    Raises:
        BrokerError: Kafka does not answer, or lacks a topic.
    """
    deadline = time.monotonic() + watch.window_s
    while not (report := watch.look()).idle and time.monotonic() < deadline:
        time.sleep(every)
    return report


def _show_for_ever(watch: Watch, every: float, json_: bool) -> NoReturn:
    """Until Ctrl-C. A Kafka that goes away meanwhile is said, and waited for."""
    report = watch.look()
    with Live(console=_console(), auto_refresh=False) as live:
        while True:
            if json_:
                click.echo(as_json(report))
            else:
                live.update(as_table(report), refresh=True)
            report = _next(watch, every, live, json_)


def _next(watch: Watch, every: float, live: Live, json_: bool) -> Report:
    while True:
        time.sleep(every)
        try:
            return watch.look()
        except BrokerError as error:
            _say(f"{error}; waiting for it", live, json_)


def _say(line: str, live: Live, json_: bool) -> None:
    if json_:
        click.echo(line, err=True)
    else:
        said: RenderableType = Text(line, style="red")
        live.update(said, refresh=True)


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except BrokerError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130)
