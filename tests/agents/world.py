"""What outlives a worker, and a producer that can die at any moment.

Durable are: the changelog, which takes a write whole or not at all, the records that were sent,
and the committed offsets. A record that was handed over lies on the way until it is awaited;
when the worker dies, of each topic only some first ones of those arrive, in their order, as
from one producer to one partition.
"""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class KilledError(Exception):
    """The worker was killed here."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record that Kafka has."""

    topic: str
    partition: int
    key: bytes
    value: bytes


@dataclass(slots=True)
class World:
    """`committed[topic]` is the offset from which a new worker reads."""

    changelog: dict[bytes, bytes] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    committed: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Process:
    """One life of a worker as far as the world sees it: its producer and its commits.

    `steps_left`: after so many sends and arrivals it is killed; None: never. `luck` says of
    each topic how many records on the way still arrive then, and whether the last
    positions it noted are still committed. `meanwhile` is called at every send.
    """

    world: World
    steps_left: int | None
    luck: Iterator[int]
    meanwhile: Callable[[], None]
    on_the_way: dict[str, list[Arrived]] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    is_dead: bool = False

    async def send(
        self, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]
    ) -> list[Awaitable[object]]:
        return [self._hand_over(topic, partition, key, value) for key, value in records]

    def _hand_over(self, topic: str, partition: int, key: bytes, value: bytes) -> "Arrival":
        self._step()
        self.meanwhile()
        record = Arrived(topic, partition, key, value)
        self.on_the_way.setdefault(topic, []).append(record)
        return Arrival(self, record)

    def arrive(self, record: Arrived) -> None:
        """What was handed over before it to the same topic arrives before it."""
        self._step()
        lane = self.on_the_way[record.topic]
        while any(waiting is record for waiting in lane):
            self.world.arrived.append(lane.pop(0))

    async def write(self, records: Mapping[bytes, bytes]) -> None:
        """The changelog: killed before or after the commit, never within it."""
        self._step()
        self.meanwhile()
        self._step()
        self.world.changelog.update(records)
        self._step()

    async def close(self) -> None:
        """Nothing to let go of."""

    def note(self, positions: dict[str, int]) -> None:
        """All input below these is safe."""
        if self.is_dead:
            raise KilledError
        for topic, offset in positions.items():
            before = self.noted.get(topic, self.world.committed.get(topic, 0))
            assert offset >= before, f"{topic}: {offset} after {before}"
        self.noted.update(positions)

    def commit(self) -> None:
        self.world.committed.update(self.noted)

    def _step(self) -> None:
        if self.steps_left == 0 and not self.is_dead:
            self._die()
        if self.is_dead:
            raise KilledError
        if self.steps_left is not None:
            self.steps_left -= 1

    def _die(self) -> None:
        self.is_dead = True
        for lane in self.on_the_way.values():
            for record in lane[: next(self.luck, 0) % (len(lane) + 1)]:
                self.world.arrived.append(record)
        if next(self.luck, 0) % 2:
            self.commit()


@dataclass(eq=False, slots=True)
class Arrival:
    """Awaiting it makes the record durable."""

    process: Process
    record: Arrived

    def __await__(self) -> Generator[Any, None, None]:
        self.process.arrive(self.record)
        return
        yield
