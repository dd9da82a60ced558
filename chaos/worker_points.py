"""Points of a worker's flush (pipeline/agents/flushing.py) at which it may be killed.

Each function wraps what happens there, so that `reached` is called at the point and nowhere
else; the worker's own code knows nothing of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from pipeline.agents import changelog, flushing, partitions

Reached = Callable[[], None]


def before_changelog(reached: Reached) -> None:
    """The transaction has begun, nothing of it is sent."""
    batches = changelog.Changelog._batches

    def wrapped(log: changelog.Changelog, records: Mapping[bytes, bytes]) -> Iterator[Any]:
        reached()
        return batches(log, records)

    _put(changelog.Changelog, "_batches", wrapped)


def inside_changelog(reached: Reached) -> None:
    """Kafka has some of the transaction's records, and no commit."""
    send_batch = AIOKafkaProducer.send_batch

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        sent = await send_batch(*args, **kwargs)
        await sent
        reached()
        return sent

    _put(AIOKafkaProducer, "send_batch", wrapped)


def after_changelog(reached: Reached) -> None:
    """The transaction is committed, its outcomes are not sent."""
    write = changelog.Changelog.write

    async def wrapped(log: changelog.Changelog, records: Mapping[bytes, bytes]) -> None:
        await write(log, records)
        reached()

    _put(changelog.Changelog, "write", wrapped)


def between_outcomes(reached: Reached) -> None:
    """Kafka has the first outcome of several."""
    send_all = flushing.Flusher._send_all

    async def wrapped(
        flusher: flushing.Flusher[Any], records: Sequence[flushing.Outgoing]
    ) -> None:
        if len(records) > 1 and _is_outcome(records[0]):
            first = records[0]
            for sent in await flusher.send(*first.place(), [(first.key, first.value)]):
                await sent
            reached()
        await send_all(flusher, records)

    _put(flushing.Flusher, "_send_all", wrapped)


def before_ack(reached: Reached) -> None:
    """Everything is sent, no input of it is acknowledged."""
    send_all = flushing.Flusher._send_all

    async def wrapped(
        flusher: flushing.Flusher[Any], records: Sequence[flushing.Outgoing]
    ) -> None:
        await send_all(flusher, records)
        if records and _is_outcome(records[0]):
            reached()

    _put(flushing.Flusher, "_send_all", wrapped)


def between_batches(reached: Reached) -> None:
    """Records are decided on, and no flush has begun."""
    handle = partitions.Partitions.handle

    async def wrapped(
        agent: partitions.Partitions[Any], flusher: flushing.Flusher[Any], event: Any
    ) -> None:
        await handle(agent, flusher, event)
        reached()

    _put(partitions.Partitions, "handle", wrapped)


def _put(owner: Any, name: str, wrapped: Callable[..., Any]) -> None:
    setattr(owner, name, wrapped)


def _is_outcome(record: flushing.Outgoing) -> bool:
    return not record.topic.endswith("rejections")


POINTS: Mapping[str, Callable[[Reached], None]] = {
    "before-changelog": before_changelog,
    "inside-changelog": inside_changelog,
    "after-changelog": after_changelog,
    "between-outcomes": between_outcomes,
    "before-ack": before_ack,
    "between-batches": between_batches,
}
