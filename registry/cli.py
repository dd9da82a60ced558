"""`xueshi roster import` and `xueshi adjust`."""

import uuid
from pathlib import Path
from typing import Any

import click

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.broker.producing import producing
from pipeline.clock import now_ms
from pipeline.rules.programme import Catalogue, ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.regions import RegionError, load_regions
from pipeline.schemas.adjustments import Decision, Grant, Hold, Reversal, Withdrawal
from pipeline.schemas.base import Record
from pipeline.settings import Settings
from registry.forms import forms
from registry.importing import send
from registry.reading import Reading, read
from registry.sheets import SheetError

SHOWN_FAULTS = 20


@click.group()
def roster() -> None:
    """Regions, schools, teachers, enrolments, verification, balances of earlier systems."""


@roster.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file, send nothing.")
def import_(file: Path, dry_run: bool) -> None:
    """Import a .csv or .xlsx FILE, all of it or nothing; Chinese headers are understood.

    The kind of each table is known by its headers; see docs/how-to/roster.md. A file may be
    imported again: what is known already changes nothing.
    """
    settings = Settings()
    reading = _read(settings, file)
    if reading.faults:
        _refuse(file, reading)
    if dry_run:
        click.echo(f"{file.name}: {len(reading.records)} records, all good; nothing was sent")
        return
    _send(settings, reading.records)


def _read(settings: Settings, file: Path) -> Reading:
    try:
        return read(file, forms(_catalogue(settings), load_regions(settings.regions_file)),
                    now_ms())
    except (RegionError, SheetError) as error:
        raise click.ClickException(str(error)) from error


def _catalogue(settings: Settings) -> Catalogue:
    try:
        return load_catalogue(settings.programmes_dir)
    except ProgrammeError as error:
        raise click.ClickException(str(error)) from error


def _refuse(file: Path, reading: Reading) -> None:
    for fault in reading.faults[:SHOWN_FAULTS]:
        click.echo(fault, err=True)
    more = len(reading.faults) - SHOWN_FAULTS
    rest = f" ({more} more)" if more > 0 else ""
    raise click.ClickException(
        f"{file.name}: {len(reading.faults)} faults{rest}: nothing was imported; mend them all")


def _send(settings: Settings, records: list[Record]) -> None:
    try:
        with producing(local.bootstrap(settings)) as producer:
            sent = send(producer, settings, records)
    except BrokerError as error:
        raise click.ClickException(
            f"{error}: a part may have been sent; run it again, repeats change nothing"
        ) from error
    click.echo(", ".join(f"{count} {kind}" for kind, count in sent.items()) + " sent")


@click.group()
def adjust() -> None:
    """Decide about a teacher's credit: each decision with who and why, reversible."""


def _decision(kind: type[Decision], given: dict[str, Any]) -> None:
    settings = Settings()
    _require_known(settings, given)
    body = {"adjustment_id": uuid.uuid4().hex, "at": now_ms(), **given}
    record = kind.model_validate(body)
    _send(settings, [record])
    click.echo(f"adjustment {record.adjustment_id}; take it back with `xueshi adjust reverse`")


def _require_known(settings: Settings, given: dict[str, Any]) -> None:
    programmes = _catalogue(settings).programmes
    programme = programmes.get(given["programme_id"])
    if programme is None:
        raise click.ClickException(
            f"no programme {given['programme_id']}: there are {', '.join(programmes)}")
    courses = [course.id for course in programme.courses]
    if given.get("course_id", courses[0]) not in courses:
        raise click.ClickException(
            f"no course {given['course_id']}: {programme.id} has {', '.join(courses)}")


def _who_and_why(command: Any) -> Any:
    for option in (
        click.option("--reason", required=True, help="Why; it stays in the ledger."),
        click.option("--by", required=True, help="Account id of who decides."),
        click.option("--programme", "programme_id", required=True, help="Id of the programme."),
        click.argument("teacher_id", metavar="TEACHER"),
    ):
        command = option(command)
    return command


SECONDS = click.option("--seconds", type=click.IntRange(1), required=True,
                       help="Seconds of credit; an hour is what the programme says (rule 6).")
COURSE = click.option("--course", "course_id", required=True, help="Id of the course.")


@adjust.command()
@_who_and_why
@COURSE
@SECONDS
def grant(**given: Any) -> None:
    """Grant seconds of a course."""
    _decision(Grant, given)


@adjust.command()
@_who_and_why
@COURSE
@SECONDS
def withdraw(**given: Any) -> None:
    """Take seconds of a course away; it never falls below 0."""
    _decision(Withdrawal, given)


@adjust.command()
@_who_and_why
def hold(**given: Any) -> None:
    """Recognise nothing of the programme until the hold is reversed (rule 13)."""
    _decision(Hold, given)


@adjust.command()
@_who_and_why
@click.option("--adjustment", "reverses", required=True, help="Id of what is taken back.")
def reverse(**given: Any) -> None:
    """Take an adjustment back: a grant, a withdrawal or a hold."""
    _decision(Reversal, given)
