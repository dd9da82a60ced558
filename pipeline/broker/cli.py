"""`xueshi broker …` and `xueshi topics …`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.broker import acls, local
from pipeline.broker import topics as admin
from pipeline.broker.distribution import Progress as FetchProgress
from pipeline.broker.errors import BrokerError
from pipeline.schemas.topics import DAY_MS, FOR_EVER, TOPICS, Topic
from pipeline.settings import Settings


@click.group()
def broker() -> None:
    """The local Apache Kafka: start, stop, status."""


@broker.command()
def start() -> None:
    """Start the local Kafka, or find the one that runs; prints its address.

    The very first start fetches Kafka's jars (43 MB) from Maven Central.
    """
    with _clear_errors(), _fetching() as progress:
        address = local.bootstrap(Settings(), progress)
    click.echo(address)


@broker.command()
def stop() -> None:
    """Stop the local Kafka; its data stays in var/kafka."""
    with _clear_errors():
        stopped = local.stop(Settings())
    click.echo("stopped" if stopped else "no local broker was running")


@broker.command()
def status() -> None:
    """Tell where Kafka is and whether it answers; exit code 1 if it does not."""
    with _clear_errors():
        found = local.status(Settings())
    click.echo(f"{'up' if found.up else 'down'}  {found.bootstrap or '-'}  {found.detail}")
    sys.exit(0 if found.up else 1)


@click.group()
def topics() -> None:
    """Kafka topics: create them from the catalogue, check them against it, list it."""


@topics.command()
def create() -> None:
    """Create the topics that are missing; exit code 1 if others differ from the catalogue."""
    settings = Settings()
    with _clear_errors(), _fetching() as progress:
        address = local.bootstrap(settings, progress)
        created = admin.create(address, settings)
    for name in created:
        click.echo(f"created {name}")
    _report(address, settings)


@topics.command()
def check() -> None:
    """Compare the topics with the catalogue; exit code 1 if any differs."""
    settings = Settings()
    _report(_running(settings), settings)


@topics.command(name="list")
def list_() -> None:
    """Show the catalogue: what each topic holds, who writes it and who reads it."""
    settings = Settings()
    for topic in TOPICS:
        click.echo(_described(topic, settings))


@topics.command(name="acls")
@click.option("--apply", "applying", is_flag=True, help="Add those that are missing.")
@click.option("--check", "checking", is_flag=True,
              help="Compare with Kafka's; exit code 1 if any is missing or goes beyond.")
@click.option("--users", default=acls.USERS, show_default=True, metavar="NAME",
              help="How the users are named, with {role} in it.")
def acls_(applying: bool, checking: bool, users: str) -> None:
    """Show what each process may do on Kafka: a user a role, a line a right.

    docs/how-to/secure.md has the whole of it. With --apply or --check as a user who may.
    """
    settings = Settings()
    if "{role}" not in users:
        raise click.UsageError("--users must have {role} in it: a user a role")
    if applying:
        address = _running(settings)
        with _clear_errors():
            for rule in acls.apply(address, settings, users):
                click.echo(f"added {rule}")
    if applying or checking:
        _report_acls(_running(settings), settings, users)
    else:
        for rule in sorted(acls.wanted(settings, users)):
            click.echo(rule)


def _report_acls(address: str, settings: Settings, users: str) -> None:
    with _clear_errors():
        differences = acls.differences(address, settings, users)
    for line in differences:
        click.echo(line, err=True)
    if differences:
        sys.exit(1)
    click.echo(f"the ACLs at {address} are as the catalogue says")


def _running(settings: Settings) -> str:
    """The address of a Kafka that is up; starts none."""
    with _clear_errors():
        return local.running(settings)


def _report(address: str, settings: Settings) -> None:
    with _clear_errors():
        differences = admin.check(address, settings)
    for line in differences:
        click.echo(line, err=True)
    if differences:
        sys.exit(1)
    click.echo(f"{len(TOPICS)} topics at {address} are as the catalogue says")


def _described(topic: Topic, settings: Settings) -> str:
    kept = "for ever" if topic.retention_ms == FOR_EVER else f"{topic.retention_ms // DAY_MS} days"
    if topic.cleanup == "compact":
        kept = "the last record of each key"
    return (
        f"{settings.topic(topic.name)}: {topic.meaning}\n"
        f"  {topic.partitions or settings.partitions} partitions, key: {topic.key}, keeps: {kept}\n"
        f"  {topic.writer} → {', '.join(topic.readers)}"
        f"  (dead letters: {topic.dead_letter or 'none'})"
    )


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except BrokerError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _fetching() -> Iterator[FetchProgress]:
    """A bar on stderr, which appears only if jars have to be fetched."""
    columns = (TextColumn("fetching Kafka"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("")

    def advance(done: int, total: int) -> None:
        bar.start()  # does nothing the second time
        bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()
