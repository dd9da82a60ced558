"""`xueshi accounts …`: who may read what, and who has read what."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.table import Table

from pipeline.clock import now_ms
from pipeline.rules.regions import RegionError, load_regions
from pipeline.settings import Settings
from warehouse.cli import clear_errors
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import (
    Local,
    editing,
    made,
    one,
    read,
    replace_password,
    require_region,
)
from warehouse.dashboard.access.audit import ZONE, days, lines
from warehouse.dashboard.access.passwords import SHORTEST
from warehouse.dashboard.access.sessions import Sessions
from warehouse.errors import WarehouseError
from warehouse.manifest import NATIONAL

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def accounts() -> None:
    """Accounts of the dashboard: who may read what, and who has read what."""


def _password_option(command: Command) -> Command:
    return click.option("--password-stdin", is_flag=True,
                        help="Read the password from standard input, one line.")(command)


def _password(from_stdin: bool) -> str:
    """Never from the command line, where every user of the machine could read it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    prompt = f"Password ({SHORTEST} characters or more)"
    entered: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
    return entered


@contextmanager
def _all(settings: Settings) -> Iterator[dict[str, Local]]:
    with clear_errors(), editing(settings.accounts_path) as found:
        yield found


def _end_sessions(settings: Settings, name: str) -> None:
    if settings.sessions_path.exists():
        ended = Sessions(settings.sessions_path, now_ms, 0, 0).end_all(name)
        click.echo(f"{ended} session{'' if ended == 1 else 's'} of {name} ended")


@accounts.command()
@click.argument("name")
@click.option("--region", required=True,
              help="All that the account can read: a code such as 110000, or 000000.")
@click.option("--sees-names", is_flag=True, help="Teachers' names are shown to it.")
@click.option("--may-query", is_flag=True, help="It may use the SQL box.")
@_password_option
def add(name: str, region: str, sees_names: bool, may_query: bool, password_stdin: bool) -> None:
    """Add the account NAME; its password is asked for."""
    settings = Settings()
    with clear_errors():
        _require_known(settings, region)
    account = Account(name, region, sees_names, may_query)
    password = _password(password_stdin)
    with _all(settings) as found:
        if name in found:
            raise WarehouseError(f"there is an account {name} already")
        found[name] = made(account, password)
    click.echo(f"added {name}")


def _require_known(settings: Settings, region: str) -> None:
    require_region(region)
    try:
        known = load_regions(settings.regions_file)
    except RegionError as error:
        raise WarehouseError(str(error)) from error
    if region != NATIONAL and region not in known:
        raise WarehouseError(f"region {region} is not in {settings.regions_file}")


@accounts.command("list")
def list_() -> None:
    """Every account, its region and its rights."""
    with clear_errors():
        found = read(Settings().accounts_path)
    table = Table("name", "region", "sees names", "may query", "state")
    for account in sorted(found.values(), key=lambda account: account.name):
        table.add_row(account.name, account.region, _yes(account.sees_names),
                      _yes(account.may_query), "disabled" if account.disabled else "active")
    _echo(table)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _echo(table: Table) -> None:
    console = Console(width=None if sys.stdout.isatty() else 200)
    with console.capture() as captured:
        console.print(table)
    click.echo(captured.get(), nl=False)


@accounts.command()
@click.argument("name")
@_password_option
def passwd(name: str, password_stdin: bool) -> None:
    """Give NAME a new password; its sessions end."""
    settings = Settings()
    with clear_errors():
        one(read(settings.accounts_path), name)
    password = _password(password_stdin)
    with _all(settings) as found:
        found[name] = replace_password(one(found, name), password)
    _end_sessions(settings, name)


@accounts.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let NAME sign in no more; its sessions end."""
    _set_disabled(name, True)


@accounts.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let NAME sign in again."""
    _set_disabled(name, False)


def _set_disabled(name: str, disabled: bool) -> None:
    settings = Settings()
    with _all(settings) as found:
        found[name] = one(found, name).model_copy(update={"disabled": disabled})
    _end_sessions(settings, name)


@accounts.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take the account NAME away; its sessions end. What it read stays in the access log."""
    settings = Settings()
    with _all(settings) as found:
        del found[one(found, name).name]
    _end_sessions(settings, name)


@accounts.command()
@click.argument("name")
def signout(name: str) -> None:
    """End every session of NAME, also of an account of the sign-in provider (sso:…)."""
    _end_sessions(Settings(), name)


@accounts.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]),
              help="Day in Asia/Shanghai.  [default: today]")
@click.option("--who", help="Only this account.")
@click.option("--event", help="Only this event: read, download, act, sent, signed_in, ….")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table",
              show_default=True, help="json: the lines as they are in the file.")
def audit(day: datetime | None, who: str | None, event: str | None, form: str) -> None:
    """Who read what: the access log of a day."""
    settings = Settings()
    wanted = day.date() if day else datetime.fromtimestamp(now_ms() / 1000, UTC).astimezone(
        ZONE).date()
    with clear_errors():
        found = [line for line in lines(settings.access_log_dir, wanted)
                 if who in (None, line.get("who")) and event in (None, line.get("event"))]
    if form == "json":
        for line in found:
            click.echo(orjson.dumps(line))
    else:
        _show(found, wanted, days(settings.access_log_dir))


SHOWN = ("at", "event", "who", "region", "address", "path", "rows", "status")


def _show(found: list[dict[str, Any]], day: date, known: list[date]) -> None:
    table = Table(*SHOWN)
    for line in found:
        table.add_row(*(str(line.get(name, "")) for name in SHOWN))
    _echo(table)
    if not found and known:
        click.echo(f"nothing on {day}; there are days from {known[0]} to {known[-1]}", err=True)
