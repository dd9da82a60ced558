"""Several collectors as one entrance, for clients that never give up and whose clocks are wrong.

Every request goes to the next collector in turn. What is not answered, or with 503, is sent
again to the one after it. A client's own time is in each post, wrong by a day: the collector must
not believe it (rule 15). The collectors' own clocks differ by seconds.
"""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import jwt
import orjson

from chaos.load.errors import LoadError
from chaos.load.expected import EventKey
from chaos.load.load import Sent
from chaos.load.pacing import Pace
from simulator.door import Entrance, Reply

ACCEPTED, BUSY = 202, 503
LONGEST_WAIT_S = 2.0


@dataclass(slots=True)
class Doors:
    """`doors`: (collector, by how much its clock is wrong in ms). Keeps what was acknowledged."""

    doors: Sequence[tuple[Entrance, int]]
    client_skew_ms: int
    rng: random.Random
    pace: Pace
    sent: Sent
    stopping: threading.Event
    acknowledged: set[EventKey] = field(default_factory=set)
    _turns: Iterator[int] = field(default_factory=count)

    async def open(self, at: int, teacher_id: str, resource_id: str) -> Reply:
        """Open a play at one of the collectors. Raises LoadError if stopped."""
        return await self._insist(
            lambda door, skew: door.open(at + skew, teacher_id, resource_id))

    async def post(self, at: int, token: str, body: bytes) -> Reply:
        """Post to one of the collectors. Raises LoadError if stopped."""
        told, seqs = self._with_clients_time(at, body)
        await self.pace.wait(len(seqs))
        reply = await self._insist(lambda door, skew: door.post(at + skew, token, told))
        self.sent.posts += 1
        if reply.status == ACCEPTED:
            session = jwt.decode(token, options={"verify_signature": False})["sid"]
            self.acknowledged.update((session, seq) for seq in seqs)
            self.sent.events += len(seqs)
        return reply

    async def _insist(self, ask: Callable[[Entrance, int], Awaitable[Reply]]) -> Reply:
        for attempt in count():
            if self.stopping.is_set():
                raise LoadError("the load was stopped")
            door, skew = self.doors[next(self._turns) % len(self.doors)]
            reply = await _try(ask(door, skew))
            if reply is not None and reply.status != BUSY:
                return reply
            self.sent.sent_again += 1
            await asyncio.sleep(min(LONGEST_WAIT_S, 0.02 * 2 ** min(attempt, 10)))
        raise AssertionError("unreachable")

    def _with_clients_time(self, at: int, body: bytes) -> tuple[bytes, list[int]]:
        """The post with the client's idea of the time in it, and its events' numbers."""
        try:
            post: dict[str, Any] = orjson.loads(body)
            events: list[dict[str, Any]] = post["events"]
            seqs = [event["seq"] for event in events]
        except (ValueError, KeyError, TypeError):
            return body, []
        clients = at + self.rng.choice((-1, 1)) * self.client_skew_ms
        dated = [event | {"at": clients, "received_at": clients} for event in events]
        return orjson.dumps(post | {"events": dated, "sent_at": clients}), seqs


async def _try(asked: Awaitable[Reply]) -> Reply | None:
    try:
        return await asked
    except (aiohttp.ClientError, TimeoutError):
        return None
