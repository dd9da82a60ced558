"""What is common to the commands: the filters, the Kafka they read, and how they fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click
from kafka.errors import KafkaError

from audit.rejections.selection import PlaceError, Wanted, known
from audit.rejections.shelf import Shelf
from audit.rejections.shown import BEIJING
from pipeline.broker import local, wire
from pipeline.broker.errors import BrokerError
from pipeline.rules.programme import ProgrammeError
from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings

F = TypeVar("F", bound=Callable[..., None])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S",
                         "%Y-%m-%dT%H:%M:%S"])
FILTERS = (
    click.option("--reason", "reasons", multiple=True, metavar="REASON",
                 type=click.Choice([reason.value for reason in Reason]),
                 help="Refused for this reason, such as malformed; may be given several times."),
    click.option("--topic", help="Refused out of this topic, such as telemetry; `collector`:"
                 " before Kafka."),
    click.option("--teacher", help="Claims of this teacher (account id)."),
    click.option("--since", type=MOMENT, metavar="MOMENT", help="Refused at this moment or later,"
                 " such as 2023-07-20 or '2023-07-20 03:12' (Beijing time)."),
    click.option("--until", type=MOMENT, metavar="MOMENT", help="Refused before this moment."),
)
JSON = click.option("--json", "machine", is_flag=True, help="JSON for machines.")


def filtered(command: F) -> F:
    """The command with the options that make a `Wanted`."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


def wanted(shelf: Shelf, filters: dict[str, Any]) -> Wanted:
    """The filters as they were given; raises PlaceError for a topic that there is not."""
    topic = filters["topic"] and known(filters["topic"], shelf.settings.topic_prefix)
    return Wanted(frozenset(map(Reason, filters["reasons"])), topic, filters["teacher"],
                  _epoch_ms(filters["since"]), _epoch_ms(filters["until"]))


def _epoch_ms(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return round(moment.replace(tzinfo=BEIJING).timestamp() * 1000)


def open_shelf() -> Shelf:
    """Of the Kafka of the settings; starts none. Raises BrokerError if there is none."""
    settings = Settings()
    address = wire.named(settings) or local.status(settings).bootstrap
    if address is None:
        raise BrokerError("no local Kafka runs: run `xueshi broker start`, or set "
                          "KAFKA_BOOTSTRAP_SERVERS")
    return Shelf(settings, address)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Whatever a user can run into is one line."""
    try:
        yield
    except (BrokerError, PlaceError, ProgrammeError) as error:
        raise click.ClickException(str(error)) from error
    except KafkaError as error:
        raise click.ClickException(f"Kafka: {error!r}") from error
