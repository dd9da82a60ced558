"""`xueshi repartition`."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, UnknownMemberIdError

from pipeline.agents.changelog import ChangelogError
from pipeline.agents.stored import StateError
from pipeline.broker import local, topics
from pipeline.broker.errors import BrokerError
from pipeline.broker.lag import committed
from pipeline.broker.topics import connected, end_offsets
from pipeline.repartition.copying import COPIED, Move, copy
from pipeline.repartition.state import Ends, mark, move_state, require_decided
from pipeline.schemas.access import INPUT, WORKER_GROUP
from pipeline.schemas.topics import TELEMETRY
from pipeline.settings import Settings

GONE_AFTER_S = 10.0  # beyond the session's time-out


@click.command()
@click.argument("old_prefix")
@click.option("--finish", is_flag=True,
              help="Copy the rest and move the workers' state; nobody may write or decide then.")
def repartition(old_prefix: str, finish: bool) -> None:
    """Go from the topics of OLD_PREFIX to those of the settings, with another number of partitions.

    Without --finish it copies logs while all goes on, as often as you like. With it, collectors
    and workers must be stopped. docs/how-to/scale.md has the procedure. OLD_PREFIX is only read.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    settings, begun = Settings(), time.monotonic()
    with _clear_errors():
        move = _move(settings, old_prefix)
        counts = asyncio.run(_run(move, finish))
    click.echo(", ".join(f"{count} {name}" for name, count in counts.items() if count) or
               "nothing new", nl=False)
    done = "moved: start the new workers and collectors" if finish else "copied so far"
    click.echo(f"; {done} ({time.monotonic() - begun:.1f} s)")


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (BrokerError, ChangelogError, StateError) as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:  # two client libraries, each with errors of its own
        if isinstance(error, KafkaError) or type(error).__module__.startswith("aiokafka"):
            raise click.ClickException(f"Kafka: {error!r}; it can be run again") from error
        raise


def _move(settings: Settings, old: str) -> Move:
    if old == settings.topic_prefix:
        raise BrokerError("set XUESHI_TOPIC_PREFIX to another prefix than the old one, and "
                          "XUESHI_PARTITIONS to the new number")
    if settings.partitions < 2:
        raise BrokerError("XUESHI_PARTITIONS must be 2 or more")
    address = local.bootstrap(settings)
    before = len(end_offsets(address, old + TELEMETRY.name))
    topics.create(address, settings)
    return Move(address, old, settings, before)


async def _run(move: Move, finish: bool) -> Counter[str]:
    counts: Counter[str] = Counter()

    def told(topic: str, count: int) -> None:
        counts[topic] += count

    _require_not_finished(move)
    await mark(move)
    if finish:
        await _finish(move, told)
    else:
        await copy(move, told)
    return counts


async def _finish(move: Move, told: Callable[[str, int], None]) -> None:
    _require_nobody(move)
    ends = move.ends()
    await require_decided(move, ends)
    await copy(move, told)
    new_ends = _new_ends(move)
    await move_state(move, new_ends)
    _require_still(move, ends)
    _commit(move, new_ends)


def _new_ends(move: Move) -> Ends:
    return {(topic.name, number): end for topic in INPUT
            for number, end in end_offsets(move.address, move.settings.topic(topic.name)).items()}


def _require_not_finished(move: Move) -> None:
    if committed(move.address, move.settings.topic(WORKER_GROUP)):
        raise BrokerError(f"{move.settings.topic_prefix} is in use already: what was moved there "
                          "must not be moved again; take another prefix")


def _require_nobody(move: Move) -> None:
    group = move.old + WORKER_GROUP
    with connected(move.address) as admin:
        members = admin.describe_groups([group])[group]["members"]
    if members:
        raise BrokerError(f"{len(members)} workers of {group} are still there: stop them first")


def _require_still(move: Move, ends: Ends) -> None:
    """Who writes to the old topics now would be lost to the new ones."""
    for (topic, number), end in move.ends(COPIED).items():
        if end != ends[topic, number]:
            raise BrokerError(f"somebody still writes to {move.old}{topic}: stop it, let the old "
                              "workers finish, stop them, and try again")


def _commit(move: Move, new_ends: Ends) -> None:
    """Where the new workers begin to read; from here on they may be started.

    Kafka takes it while the group has no members. Of a worker that was started too early and
    ended, it knows that only after XUESHI_SESSION_TIMEOUT_SECONDS.
    """
    group = move.settings.topic(WORKER_GROUP)
    end = time.monotonic() + move.settings.session_timeout_seconds + GONE_AFTER_S
    while failed := _refused(move, group, new_ends):
        if failed is not UnknownMemberIdError:
            raise BrokerError(f"cannot say where {group} begins: {failed.__name__}")
        if time.monotonic() > end:
            raise BrokerError(f"new workers of {group} are there already: stop them first")
        time.sleep(0.5)


def _refused(move: Move, group: str, new_ends: Ends) -> Any:
    """The class of Kafka's error; None if it has taken everything."""
    with connected(move.address) as admin:
        moved = admin.alter_group_offsets(group, {
            TopicPartition(move.settings.topic(topic), number): OffsetAndMetadata(end, "", None)
            for (topic, number), end in new_ends.items()})
    return next((error for error in moved.values() if error.errno), None)
