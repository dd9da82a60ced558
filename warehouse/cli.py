"""`xueshi loader`, `publisher`, `report` and `warehouse …`."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import duckdb
from kafka.errors import KafkaError

from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.logs.setup import set_up
from pipeline.metrics.board import Board
from pipeline.metrics.metric import Process
from pipeline.metrics.ops import Health, ops
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from warehouse.backup import Backup, back_up, restore
from warehouse.errors import WarehouseError
from warehouse.holding import publication
from warehouse.loader import load
from warehouse.process import process
from warehouse.publisher import checked, publish_for_ever, publish_once
from warehouse.render import as_csv, as_json, as_xlsx
from warehouse.report import Report
from warehouse.report import report as make_report
from warehouse.snapshot import replaced
from warehouse.store import first_line, opened
from warehouse.telling import Loading, Publishing, files
from warehouse.terminal import as_table

# Its lines about every lost connection would bury the one that matters.
LEVELS = {"kafka": "CRITICAL"}


@click.command()
def loader() -> None:
    """Load Kafka's ledger, roster and rejections into the warehouse, until stopped."""
    settings = Settings()
    lines = set_up(settings, "loader", LEVELS)
    telling = Loading()
    board = Board(Process.LOADER, telling.read, files(settings))
    with (process("loader") as stop, clear_errors(),
          ops(settings, board, Health(list, telling.unready), lines)):
        load(settings, load_catalogue(settings.programmes_dir), stop, telling=telling)


@click.command()
@click.option("--once", is_flag=True, help="Publish once and leave; exit code 1 if it failed.")
def publisher(once: bool) -> None:
    """Publish the warehouse as read-only files, one a province and a national one."""
    settings = Settings()
    lines = set_up(settings, "publisher", LEVELS)
    if not once:
        telling = Publishing()
        board = Board(Process.PUBLISHER, telling.read, publication(settings.published_dir))
        with (process("publisher") as stop, clear_errors(),
              ops(settings, board, Health(list, telling.unready), lines)):
            publish_for_ever(settings, stop, telling)
    with clear_errors():
        manifest = publish_once(settings)
    click.echo(f"{manifest.publication_id}: {len(manifest.files)} files, as of "
               f"{manifest.as_of_local}, in {settings.published_dir}")


@click.command()
@click.argument("region")
@click.option("--programme", help="Programme id; default: the one that opened last.")
@click.option("--day", help="A day that is over, like 2023-07-20, as it was published then; "
              "default: the last publication.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv", "xlsx"]),
              default="table", show_default=True, help="How the report is written.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; default: standard output (not for xlsx).")
def report(
    region: str, programme: str | None, day: str | None, form: str, output: Path | None
) -> None:
    """Report on REGION from the published files: 000000 or china, or a code such as 110101."""
    if form == "xlsx" and output is None:
        raise click.UsageError("xlsx is a binary file: say where to put it with --output FILE")
    settings = Settings()
    with clear_errors():
        made = make_report(settings.published_dir, region, programme, day)
        data = _rendered(made, form, colour=output is None and sys.stdout.isatty())
        if output is not None:
            with replaced(output) as file:
                file.write(data)
            click.echo(f"wrote {output}", err=True)
            return
    click.get_binary_stream("stdout").write(data)


def _rendered(made: Report, form: str, colour: bool) -> bytes:
    match form:
        case "json":
            return as_json(made).encode()
        case "csv":
            return as_csv(made)
        case "xlsx":
            return as_xlsx(made)
    return as_table(made, colour, shutil.get_terminal_size().columns).encode()


@click.group()
def warehouse() -> None:
    """The warehouse file itself; stop the loader first."""


@warehouse.command()
def migrate() -> None:
    """Make the warehouse, or bring it up to this version."""
    settings = Settings()
    with clear_errors(), opened(settings.warehouse_path, now_ms()) as db:
        rows = db.execute("SELECT number, name FROM migrations ORDER BY number").fetchall()
    for number, name in rows:
        click.echo(f"{number:04} {name}")


@warehouse.command()
def check() -> None:
    """Run the checks of a publication on the last snapshot; exit code 1 if one fails."""
    with clear_errors():
        found = checked(Settings())
    for finding in found:
        click.echo(f"{finding.severity}  {finding}")
    if any(finding.severity == "fail" for finding in found):
        sys.exit(1)
    click.echo("good enough to publish")


@warehouse.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the warehouse to FILE, and its sum to FILE.sha256.

    A running loader goes on meanwhile: this command alone needs none to be stopped.
    """
    with clear_errors():
        _tell("holds", back_up(Settings(), file, now_ms()))


@warehouse.command(name="restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore_(file: Path) -> None:
    """Put a back-up in the place of the warehouse, which is kept as before-restore.duckdb.

    The loader then loads what came since, and nothing is published before it has caught up.
    """
    with clear_errors():
        _tell("restored", restore(Settings(), file))


def _tell(what: str, found: Backup) -> None:
    click.echo(f"{found.path} {what}: all there was at {found.as_of} (Beijing time), "
               f"{found.records} records of Kafka, {found.bytes} bytes")


@contextmanager
def clear_errors() -> Iterator[None]:
    """What users can meet becomes one line and exit code 1."""
    try:
        yield
    except (WarehouseError, BrokerError, ProgrammeError) as error:
        raise click.ClickException(str(error)) from error
    except KafkaError as error:
        raise click.ClickException(f"Kafka: {error}") from error
    except duckdb.Error as error:
        raise click.ClickException(
            f"DuckDB: {first_line(error)}. Nothing is half-written: set it right, start again"
        ) from error
    except OSError as error:
        where = f"{Path(error.filename)}: " if error.filename else ""
        raise click.ClickException(f"{where}{error.strerror or error}") from error
