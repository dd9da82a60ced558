"""`xueshi rebuild`: all credit once more, from the logs."""

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from kafka.errors import KafkaError

from audit.rebuild import summary, words
from audit.rebuild.comparing import Comparison, compare
from audit.rebuild.lateness import lateness
from audit.rebuild.log import Log
from audit.rebuild.tables import Published, Table, TableAwayError, Workers
from audit.rebuild.what_if import what_if
from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings

NAMES = (Workers.name, Published.name)
SAME, DIFFERENT, CANNOT_TELL = 0, 1, 2


class CannotTellError(click.ClickException):
    """Not even whether something differs."""

    exit_code = CANNOT_TELL


@click.command()
@click.option("--table", "names", type=click.Choice(NAMES), multiple=True,
              help="Compare with this live table only; by default with both.")
@click.option("--worker", help="URL of a worker; by default where the settings have it.")
@click.option("--programme", "programmes", multiple=True,
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="What if this programme file were read in place of the one with its id?"
                   " May be given several times. Nothing live is compared or touched.")
@click.option("--json", "machine", is_flag=True,
              help="JSON for machines: an object a line, the last one is the summary.")
def rebuild(
    names: tuple[str, ...], worker: str | None, programmes: tuple[Path, ...], machine: bool
) -> None:
    """Recompute all credit from the logs by the slow reference; report what differs from the
    live tables.

    Exit code 0 if nothing differs, 1 if something does, 2 if that cannot be told: Kafka or a
    table cannot be read. With --programme: who would gain or lose how much; exit code 0.
    """
    if programmes and (names or worker):
        raise click.UsageError("--programme asks the logs alone: leave --table and --worker out")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # or it buries the one line that matters
    settings = Settings()
    with _clear_errors():
        end = End(Log(settings, local.bootstrap(settings)), machine)
        if programmes:
            _answer(end, programmes)
        else:
            sys.exit(_compare(end, _tables(settings, names or NAMES, worker)))


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (BrokerError, ProgrammeError, TableAwayError) as error:
        raise CannotTellError(str(error)) from error
    except KafkaError as error:
        raise CannotTellError(f"Kafka: {error}") from error


def _tables(settings: Settings, names: Sequence[str], worker: str | None) -> list[Table]:
    url = worker or f"http://{settings.worker_host}:{settings.worker_port}"
    key = settings.platform_key.get_secret_value() if settings.platform_key else None
    tables: tuple[Table, ...] = (Workers(url.rstrip("/"), key), Published(settings.published_dir))
    return [table for table in tables if table.name in names]


@dataclass(frozen=True, slots=True)
class End:
    """The last words about a log that was read from now on."""

    log: Log
    machine: bool
    begun: float = field(default_factory=time.monotonic)

    def say(self, notes: Iterable[str], lines: list[str], body: dict[str, Any], last: str) -> None:
        """Notes go to stderr; `lines` and `last` are for people, `body` for machines."""
        notes = [*notes, *summary.gaps(self.log)]
        for note in notes:
            click.echo(f"note: {note}", err=True)
        events, seconds = self.log.counts["events"], time.monotonic() - self.begun
        if self.machine:
            more = {"events": events, "seconds": round(seconds, 1), "notes": notes}
            click.echo(json.dumps({"kind": "summary", **body, **more}, ensure_ascii=False))
        else:
            click.echo("\n".join([*lines, f"{events} events read in {seconds:.1f} s; {last}"]))


def _partitions(log: Log) -> Iterator[int]:
    """Each partition, told to who sits before a terminal: all of them may take hours."""
    for partition in log.partitions:
        if sys.stderr.isatty():
            click.echo(f"partition {partition + 1} of {len(log.partitions)}: "
                       f"{log.counts['events']} events so far", err=True)
        yield partition


def _compare(end: End, tables: list[Table]) -> int:
    log = end.log
    catalogue = load_catalogue(log.settings.programmes_dir)
    before, late = log.ends(), lateness(log.settings, log.bootstrap)
    show = words.difference_json if end.machine else words.difference_line
    found = compare(log, _partitions(log), catalogue, tables, lambda one: click.echo(show(one)))
    end.say(summary.doubts(found, late, before, log.ends()), summary.comparison_lines(found),
            summary.comparison_body(found),
            f"{found.teachers} teachers, {found.differences} differences")
    return _exit_code(found)


def _exit_code(found: Comparison) -> int:
    if found.differences:
        return DIFFERENT
    return SAME if found.is_whole else CANNOT_TELL


def _answer(end: End, programmes: Sequence[Path]) -> None:
    log = end.log
    folder = log.settings.programmes_dir
    now, other = load_catalogue(folder), load_catalogue(folder, programmes)
    log.ends()  # refuses a wrong number of partitions
    show = words.change_json if end.machine else words.change_line
    answer = what_if(log, _partitions(log), now, other, lambda one: click.echo(show(one)))
    end.say((), summary.answer_lines(answer), summary.answer_body(answer),
            f"{answer.teachers} teachers, {answer.changed} would see a change")
