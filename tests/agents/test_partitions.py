"""From a consumer to the shards: what comes again, what does not come, what is committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from typing import Any, NoReturn

from faust.types import TP

from pipeline.agents.flushing import Flusher
from pipeline.agents.inputs import Input, Inputs
from pipeline.agents.partitions import Partitions
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Codec, Shard
from pipeline.alarm import Alarms
from pipeline.settings import Settings

NUMBERS: Codec[list[int]] = Codec(new=list, dump=list, load=list)
TOPIC = "x.telemetry"


class Kept:
    """A changelog that is only kept in memory."""

    def __init__(self) -> None:
        self.written: dict[bytes, bytes] = {}

    async def write(self, records: Any) -> None:
        self.written.update(records)

    async def close(self) -> None:
        """Nothing to let go of."""


class Consumer(Inputs):
    """Brings nothing, and remembers from where on it was to read."""

    def __init__(self) -> None:
        super().__init__("nowhere:1")
        self.followed: dict[tuple[str, int], int] = {}

    async def follow(self, positions: Any) -> None:
        self.followed = dict(positions)


class Worker:
    """One agent over a log of which only some records are brought; `kept`: its changelog."""

    def __init__(self, log: Iterable[bytes], kept: Kept | None = None) -> None:
        self.log, self.kept, self.inputs = list(log), kept or Kept(), Consumer()
        settings = Settings(topic_prefix="x.", partitions=2, buckets=4)
        self.agent: Partitions[list[int]] = Partitions(
            take=take, codec=NUMBERS, topics=["telemetry"], inputs=self.inputs, flushed={},
            take_over=self._take_over, missed=self._missed, send=send, settings=settings,
            alarms=Alarms.of(settings, "watching"), now=lambda: 0, die=die)

    async def _take_over(self, partition: int) -> tuple[Kept, dict[bytes, bytes]]:
        return self.kept, dict(self.kept.written)

    async def _missed(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[tuple[int, bytes | None]]:
        assert (topic, partition) == (TOPIC, 1)
        for offset in range(start, end):
            if self.log[offset]:  # else a transaction's marker
                yield offset, self.log[offset]

    async def bring(self, *offsets: int) -> None:
        for offset in offsets:
            await self.agent.handle(self.flusher, Input(TOPIC, 1, offset, self.log[offset]))

    @property
    def flusher(self) -> Flusher[list[int]]:
        return self.agent.flushers[1]

    @property
    def decided(self) -> list[int] | None:
        return self.flusher.shard.peek("t")


def take(shard: Shard[list[int]], topic: str, raw: bytes | None) -> list[Refused]:
    shard.touch("t").append(int(raw or b"-1"))
    return []


async def send(topic: str, partition: int, records: Sequence[Any]) -> list[Awaitable[object]]:
    assert not records
    return []


def die(error: BaseException) -> NoReturn:
    raise error


def test_rule_14_what_does_not_come_is_read_and_what_comes_again_is_skipped() -> None:
    worker = Worker([b"0", b"1", b"", b"3", b"4"])

    async def work() -> None:
        await worker.agent.own({1})
        await worker.bring(0, 0, 3, 1, 3, 4)

    asyncio.run(work())
    assert worker.decided == [0, 1, 3, 4]


def test_rule_14_only_what_is_flushed_may_be_committed() -> None:
    worker = Worker([b"0", b"1"])
    place = TP(TOPIC, 1)

    async def work() -> None:
        await worker.agent.own({1})
        assert worker.agent.flushed == {}
        await worker.bring(0)
        assert worker.agent.flushed == {}
        await worker.agent.flush()
        assert worker.agent.flushed == {place: 1}
        await worker.bring(1)
        assert worker.agent.flushed == {place: 1}
        await worker.agent.release()
        assert worker.agent.flushed == {place: 2}
        await worker.agent.own(set())

    asyncio.run(work())
    assert worker.agent.flushed == {}, "others commit for it from now on"
    assert worker.inputs.followed == {}


def test_rule_14_the_next_owner_reads_on_from_where_the_state_stands() -> None:
    first = Worker([b"0", b"1", b"2"])

    async def work(worker: Worker, *offsets: int) -> None:
        await worker.agent.own({1})
        await worker.bring(*offsets)
        await worker.agent.flush()

    asyncio.run(work(first, 0, 1))
    second = Worker(first.log, first.kept)
    asyncio.run(work(second, 2))
    assert first.inputs.followed == {(TOPIC, 1): 0}
    assert second.inputs.followed == {(TOPIC, 1): 2}
    assert second.agent.flushed == {TP(TOPIC, 1): 3}
    assert second.decided == [0, 1, 2]
