"""`xueshi rejections …`: what was refused, and how it is put back after a fix."""

import json
import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from audit.rejections import asked, counting, shown
from audit.rejections.records import Found, Once, whole
from audit.rejections.replaying import Planner, Sender
from audit.rejections.report import Report
from audit.rejections.selection import parse
from audit.rejections.shelf import Shelf
from audit.rejections.trial import Trial
from pipeline.clock import now_ms
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.rejections import Identity

SHOWN = 20


@click.group()
def rejections() -> None:
    """What was refused, why, and its raw bytes; and how to put it back after a fix.

    PLACE is that of the refused record, such as telemetry/3/1042, or the rejection's own number,
    which `list` shows. Times are Asia/Shanghai.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # or it buries the one line that matters


@rejections.command(name="list")
@asked.filtered
@click.option("--oldest", is_flag=True, help="The oldest first; default: the newest.")
@click.option("--limit", type=click.IntRange(1), default=SHOWN, show_default=True,
              help="At most so many.")
@asked.JSON
def list_(oldest: bool, limit: int, machine: bool, **filters: Any) -> None:
    """Rejections, a line each: number, time, reason, events, place, ids and detail.

    With --json a JSON object a line.
    """
    with asked.clear_errors():
        shelf = asked.open_shelf()
        wanted = asked.wanted(shelf, filters)
        written = _as_json_line if machine else shown.line
        rows = (map(_row(written), shelf.oldest_first(wanted)) if oldest
                else shelf.newest_first(wanted, _row(written)))
        count = _echo(rows, limit)
    if not machine:
        _say_how_many(count, limit)


Row = tuple[int, Identity, str]


def _row(written: Callable[[Found], str]) -> Callable[[Found], Row]:
    """All that has to be held of a rejection: its raw bytes may be many."""
    return lambda one: (one.rejection.part, one.rejection.identity, written(one))


def _as_json_line(one: Found) -> str:
    return json.dumps(shown.as_json(one), ensure_ascii=False)


def _echo(rows: Iterable[Row], limit: int) -> int:
    once, count = Once(), 0
    for part, identity, text in rows:
        if part == 0 and once.is_new(identity):
            click.echo(text)
            count += 1
            if count == limit:
                break
    return count


def _say_how_many(count: int, limit: int) -> None:
    if count == 0:
        click.echo("nothing was refused that is as asked for", err=True)
    elif count == limit:
        click.echo(f"the first {limit}; there may be more: --limit, or a filter", err=True)


@rejections.command()
@asked.filtered
@click.option("--by", type=click.Choice([*counting.GROUPS]), default="reason", show_default=True,
              help="What to count by.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True,
              help="Show at most so many groups.")
@asked.JSON
def count(by: str, limit: int, machine: bool, **filters: Any) -> None:
    """How many rejections and events, repeats after a crash counted once.

    Reads the whole topic, and holds 80 bytes of memory a rejection, 200 more a teacher.
    """
    tally = counting.Tally(by)
    with asked.clear_errors():
        shelf = asked.open_shelf()
        tally.add(shelf.oldest_first(asked.wanted(shelf, filters)))
    if machine:
        click.echo(json.dumps(counting.as_json(tally), ensure_ascii=False, indent=2))
    else:
        click.echo(counting.as_text(tally, limit))


@rejections.command()
@click.argument("place")
@click.option("--raw", "file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the raw bytes, untouched, into this file.")
@asked.JSON
def show(place: str, file: Path | None, machine: bool) -> None:
    """Everything about what was refused at PLACE, its raw bytes too.

    With --json an object a line.
    """
    with asked.clear_errors():
        shelf = asked.open_shelf()
        found = shelf.at(parse(place, shelf.settings.topic_prefix))
        if file is not None:
            _write(file, found)
        replays = shelf.replays_of({one.rejection.identity for one in found})
    if machine:
        for one in found:
            body = shown.whole_json(one, replays.get(one.rejection.identity, ()))
            click.echo(json.dumps(body, ensure_ascii=False))
        return
    pages = [shown.page(one, replays.get(one.rejection.identity, ())) for one in found[:SHOWN]]
    click.echo(f"\n{'-' * 72}\n".join(pages))
    if len(found) > SHOWN:
        numbers = ", ".join(str(one.number) for one in found[SHOWN:])
        click.echo(f"{len(found) - SHOWN} more are of this place: show {numbers}", err=True)


def _write(file: Path, found: list[Found]) -> None:
    if len(found) > 1:
        numbers = ", ".join(f"{one.number} ({one.rejection.reason})" for one in found)
        raise click.ClickException(f"{len(found)} rejections are of this place: say which, by "
                                   f"its number: {numbers}")
    try:
        file.write_bytes(found[0].rejection.raw)
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror or error}") from error


@rejections.command()
@click.argument("place", required=False)
@asked.filtered
@click.option("--all", "everything", is_flag=True, help="Whatever was refused, without a filter.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent where; send nothing.")
@click.option("--again", is_flag=True, help="Also what was put back before.")
def replay(
    place: str | None, everything: bool, dry_run: bool, again: bool, **filters: Any
) -> None:
    """Put what was refused back on its topic, after a fix: PLACE, or what the filters let through.

    Whole records go back as they were, refused rows of telemetry as a batch of their own; each
    with a header `xueshi-replay-of`, and a note of it on the topic `replays`. First mend the cause
    (the programme file, the build) and start the workers, or the loader, again. What this build
    would refuse again is not sent, nor what the rules decided, nor what never became a record.
    Repeats are harmless; what is refused again shows up as a new rejection.

    Exit code 1 if something of it could not be put back.
    """
    _require_selection(place, everything, filters)
    with asked.clear_errors():
        shelf = asked.open_shelf()
        shelf.require_partitions()
        trial = Trial(shelf.settings, load_catalogue(shelf.settings.programmes_dir))
        known = {replay.identity for replay in shelf.replays()}
        planner = Planner(trial, set() if again else known)
        planned = map(planner.plan, _chosen(shelf, place, filters))
        report = Report(now_ms(), dry_run)
        if dry_run:
            report.would_send(planned)
        else:
            with closing(Sender(shelf.settings, shelf.bootstrap, now_ms)) as sender:
                report.sent(sender.send(report.hopeful(planned)))
    report.conclude()
    sys.exit(report.exit_code)


def _require_selection(place: str | None, everything: bool, filters: dict[str, Any]) -> None:
    by_filter = any(filters.values())
    if sum((place is not None, everything, by_filter)) != 1:
        raise click.UsageError("say what to put back: a PLACE, or filters such as --reason and "
                               "--since, or --all")


def _chosen(shelf: Shelf, place: str | None, filters: dict[str, Any]) -> Iterable[Found]:
    if place is not None:
        return shelf.at(parse(place, shelf.settings.topic_prefix))
    once = Once()
    return (one for one in whole(shelf.oldest_first(asked.wanted(shelf, filters)))
            if once.is_new(one.rejection.identity))
