"""What arrives within a short linger for one partition goes out as one record.

A lane has one record under way at a time, so that order is kept and a slow Kafka makes bigger
records instead of more of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from pipeline.collector.wire import QuizRow, Row, encode

MAX_EVENTS = 2_000
MAX_BYTES = 512 * 1024
MAX_WAITING_BYTES = 4 * 1024 * 1024

Send = Callable[[bytes], Awaitable[None]]


class KafkaAwayError(Exception):
    """Kafka did not acknowledge; whether it has the events is not known."""


class QueueFullError(Exception):
    """More is waiting for Kafka than may be held."""


@dataclass(slots=True)
class Parcel:
    """What one post adds to a partition. `size`: an upper bound of its bytes on the wire.

    `acknowledged` is settled with its record; a parcel cancelled before that is left out.
    """

    rows: Sequence[Row]
    quizzes: Sequence[QuizRow]
    size: int
    acknowledged: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def events(self) -> int:
        return len(self.rows) + len(self.quizzes)

    def settle(self, error: Exception | None) -> None:
        if self.acknowledged.done():
            return
        if error is None:
            self.acknowledged.set_result(None)
        else:
            self.acknowledged.set_exception(error)


class Lane:
    """The way of one partition's events to Kafka, in their order of arrival."""

    def __init__(self, send: Send, linger_s: float) -> None:
        self._send = send
        self._linger_s = linger_s
        self._waiting: deque[Parcel] = deque()
        self._bytes = 0
        self._work: asyncio.Task[None] | None = None

    @property
    def posts(self) -> int:
        """How many wait to be packed."""
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """What waits or is on its way, at most."""
        return self._bytes

    def put(self, parcel: Parcel) -> None:
        """Queue the parcel; await its `acknowledged`.

        Raises:
            QueueFullError: too much is waiting already.
        """
        if self._bytes + parcel.size > MAX_WAITING_BYTES and self._bytes:
            raise QueueFullError
        self._bytes += parcel.size
        self._waiting.append(parcel)
        if self._work is None:
            self._work = asyncio.create_task(self._drain())

    async def finish(self) -> None:
        """Wait until nothing is waiting or under way."""
        if self._work is not None:
            await self._work

    async def _drain(self) -> None:
        try:
            await asyncio.sleep(self._linger_s)
            while self._waiting:
                parcels = take(self._waiting, MAX_EVENTS, MAX_BYTES)
                await self._deliver([p for p in parcels if not p.acknowledged.done()])
                self._bytes -= sum(parcel.size for parcel in parcels)
        finally:
            self._work = None

    async def _deliver(self, parcels: Sequence[Parcel]) -> None:
        """One record. Its failure is its parcels' alone."""
        if not parcels:
            return
        error: Exception | None = None
        try:
            await self._send(pack(parcels))
        except Exception as cause:
            error = cause
        for parcel in parcels:
            parcel.settle(None if error is None else KafkaAwayError(repr(error)))


def take(waiting: deque[Parcel], max_events: int, max_bytes: int) -> list[Parcel]:
    """Remove from the left what fits into one record: at least one parcel."""
    taken: list[Parcel] = []
    events, size = 0, 0
    while waiting:
        events, size = events + waiting[0].events, size + waiting[0].size
        if taken and (events > max_events or size > max_bytes):
            break
        taken.append(waiting.popleft())
    return taken


def pack(parcels: Sequence[Parcel]) -> bytes:
    """The parcels as one record, in their order."""
    return encode([row for parcel in parcels for row in parcel.rows],
                  [quiz for parcel in parcels for quiz in parcel.quizzes])
