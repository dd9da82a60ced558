"""`xueshi explain`: why has this video no credit?"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import click
from kafka.errors import KafkaError

from audit.explain.as_json import as_json
from audit.explain.comparing import Comparing
from audit.explain.explanation import Explanation, explain
from audit.explain.gather import Shelf
from audit.explain.live import Live, Standing
from audit.explain.text import as_text
from audit.explain.words import BEIJING
from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.rules.programme import Catalogue, ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.toml_table import suggest
from pipeline.settings import Settings

NONE = "none"
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.command(name="explain")
@click.argument("teacher")
@click.argument("resource")
@click.option("--json", "machine", is_flag=True, help="JSON for machines instead of Chinese text.")
@click.option("--since", type=MOMENT, help="Read only what was stored from this moment on"
              " (Beijing time): sooner done, but what lies before is missing. Default: everything.")
@click.option("--now", type=MOMENT, help="What the teacher can still do as of this moment"
              " (Beijing time). Default: the present.")
@click.option("--worker", help="URL of the worker to compare with, if it answers; `none`: compare"
              " with none. Default: where the settings have it.")
def explain_command(
    teacher: str, resource: str, machine: bool, since: datetime | None, now: datetime | None,
    worker: str | None,
) -> None:
    """Why has RESOURCE no credit for TEACHER? From what is stored, in Chinese or as JSON.

    Exit code 1 if it cannot be told, 2 if a worker shows something else than the evidence.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # or it buries the one line that matters
    settings = Settings()
    url = worker or f"http://{settings.worker_host}:{settings.worker_port}"
    with _clear_errors():
        catalogue = load_catalogue(settings.programmes_dir)
        _require_listed(catalogue, resource)
        bootstrap = local.bootstrap(settings)
        ask = partial(_explained, catalogue, Shelf(settings, bootstrap, teacher), resource,
                      _epoch_ms(since), _epoch_ms(now))
        found = ask()
        _require_known(found)
        comparison = Live(Standing.NOT_ASKED, "not wanted, or the evidence is not whole")
        if worker != NONE and found.extent.whole:
            found, comparison = Comparing(settings, bootstrap, catalogue, url, ask).compare(found)
    _show(found, comparison, machine)


def _explained(
    catalogue: Catalogue, shelf: Shelf, resource_id: str, since: int | None, now: int | None
) -> Explanation:
    evidence = shelf.evidence(resource_id, since)
    return explain(catalogue, evidence, now_ms() if now is None else now)


def _show(found: Explanation, live: Live, machine: bool) -> None:
    if machine:
        click.echo(json.dumps(as_json(found, live), ensure_ascii=False, indent=2))
    else:
        click.echo(as_text(found, live), nl=False)
    if live.standing is Standing.DIFFERS:
        sys.exit(2)


def _epoch_ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.replace(tzinfo=BEIJING).timestamp() * 1000)


def _require_listed(catalogue: Catalogue, resource_id: str) -> None:
    if resource_id not in catalogue.resources:
        raise click.ClickException(f"no programme lists the resource {resource_id!r}; "
                                   f"{suggest(resource_id, catalogue.resources)}")


def _require_known(found: Explanation) -> None:
    if not found.is_known:
        raise click.ClickException(
            f"nothing is stored of a teacher {found.teacher_id!r}, not even on the roster: "
            "check the account id (it is no name and no phone number)")


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (BrokerError, ProgrammeError) as error:
        raise click.ClickException(str(error)) from error
    except KafkaError as error:
        raise click.ClickException(f"Kafka: {error}") from error
