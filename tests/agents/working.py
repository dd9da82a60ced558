"""A worker's loop without Faust: read, decide, flush, be killed, start again."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic

from pipeline.agents.flushing import Flusher, Turn
from pipeline.agents.partitions import Take, decide_again
from pipeline.agents.rejecting import Place, rejected
from pipeline.agents.shard import Codec, S, Shard
from tests.agents.world import KilledError, Process, World

Inputs = Mapping[str, Sequence[bytes | None]]

PARTITIONS = 2
PARTITION = 0
REJECTIONS = "rejections"


@dataclass(frozen=True, slots=True)
class Fate:
    """`kills`: after how many steps each life ends; when they are used up nobody dies any more.

    `choices` decide on everything else: from which topic is read, when a flush begins, what
    is read during it, and what still arrives after a kill.
    """

    kills: tuple[int, ...] = ()
    choices: tuple[int, ...] = ()


@dataclass(slots=True)
class Worker(Generic[S]):
    """One life. `inputs` are the whole topics; it reads from what is committed on."""

    take: Take[S]
    codec: Codec[S]
    world: World
    inputs: Inputs
    choices: Iterator[int]
    steps: int | None
    life: int
    takes_turns: bool = False
    process: Process = field(init=False)
    flusher: Flusher[S] = field(init=False)
    position: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.process = Process(self.world, self.steps, self.choices, self._meanwhile)
        shard = Shard(PARTITION, PARTITIONS, 2, self.codec, dict(self.world.changelog))
        for topic, end in shard.decided.items():
            for offset in range(shard.positions.get(topic, 0), end):
                decide_again(shard, self.take, topic, offset, self.inputs[topic][offset])
        shard.caught_up()
        turn = Turns(self.choices) if self.takes_turns else Turn()
        self.flusher = Flusher(shard, self.process, self.process.send, self.process.note,
                               hot_buckets=1, turn=turn)
        self.position = {topic: self.world.committed.get(topic, 0) for topic in self.inputs}

    async def work(self) -> None:
        """Read everything and flush; raises KilledError when its steps are used up."""
        while self._read_one():
            if next(self.choices, 0) % 3 == 0:
                await self._flush()
        await self._flush()
        await self._flush()  # of what was read during the last one
        await self.flusher.write_rest(inf)

    async def _flush(self) -> None:
        await self.flusher.flush()
        if next(self.choices, 1) % 2:
            self.process.commit()

    def _meanwhile(self) -> None:
        if next(self.choices, 0) % 4 == 1:
            self._read_one()

    def _read_one(self) -> bool:
        waiting = [t for t in self.inputs if self.position[t] < len(self.inputs[t])]
        if not waiting:
            return False
        topic = waiting[next(self.choices, 0) % len(waiting)]
        self._handle(topic, self.position[topic])
        self.position[topic] += 1
        return True

    def _handle(self, topic: str, offset: int) -> None:
        positions = self.flusher.shard.positions
        if positions.setdefault(topic, 0) == offset:
            place = Place(topic, PARTITION, offset)
            for refused in self.take(self.flusher.shard, topic, self.inputs[topic][offset]):
                self.flusher.rejections += rejected(REJECTIONS, place, self.life, refused)
            positions[topic] += 1
        self.flusher.decided()


@dataclass(slots=True)
class Turns(Turn):
    """Some of the buckets, as the choices have it."""

    choices: Iterator[int] = field(default_factory=lambda: iter(()))

    def __init__(self, choices: Iterator[int]) -> None:
        self.choices = choices

    def due(self, dirty: int, elapsed: float) -> int:
        return min(dirty, next(self.choices, 1) % 3)


def outlive(
    take: Take[S], codec: Codec[S], inputs: Inputs, fate: Fate, *, takes_turns: bool = False
) -> World:
    """The world after as many lives as it takes to get through the inputs; with `takes_turns`, a
    flush writes only some of what has changed.
    """
    world = World()
    choices = iter(fate.choices)
    for life, steps in enumerate([*fate.kills, None]):
        worker = Worker(take, codec, world, inputs, choices, steps, life, takes_turns)
        try:
            asyncio.run(worker.work())
        except KilledError:
            continue
        worker.process.commit()
        break
    return world
