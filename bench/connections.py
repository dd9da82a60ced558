"""Virtual players' connections to the collector: what is due waits for a free one.

Bytes in, bytes out, so that it takes little of the CPU that the collector needs.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import click

LENGTH = re.compile(rb"content-length: (\d+)", re.I)
END_PATIENCE_S = 30.0


class Due(Protocol):
    """A request that is due `at` a time (seconds)."""

    @property
    def at(self) -> float: ...

    @property
    def request(self) -> bytes: ...


D = TypeVar("D", bound=Due)


class Connections(Generic[D]):
    """`answered` is told status, body and request of each answer. `more`: what a connection sends
    that nothing waits for; None for nothing.
    """

    def __init__(
        self, answered: Callable[[int, bytes, D], None], more: Callable[[], D | None] = lambda: None
    ) -> None:
        self.answered = answered
        self.is_over = self.is_broken = False
        self._more = more
        self._idle: deque[_Connection[D]] = deque()
        self._waiting: deque[D] = deque()
        self._count = 0

    async def open(self, count: int, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._count = count
        for _ in range(count):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)

    @property
    def waits_since(self) -> float | None:
        """When the first was due of what waits."""
        return self._waiting[0].at if self._waiting else None

    def send(self, due: D) -> None:
        if self._idle:
            self._idle.popleft().send(due)
        else:
            self._waiting.append(due)

    def free(self, connection: "_Connection[D]") -> None:
        due = self._waiting.popleft() if self._waiting else self._more()
        if due is None:
            self._idle.append(connection)
        else:
            connection.send(due)

    def require_whole(self) -> None:
        """Raises ClickException: the collector has closed one."""
        if self.is_broken:
            raise click.ClickException("the collector closed a connection")

    async def until_quiet(self) -> None:
        """Every answer is there."""
        async with asyncio.timeout(END_PATIENCE_S):
            while len(self._idle) < self._count:
                self.require_whole()
                await asyncio.sleep(0.01)


class _Connection(asyncio.Protocol, Generic[D]):
    """It has one request under way at a time."""

    def __init__(self, all_: Connections[D]) -> None:
        self._all = all_
        self._heard = b""
        self._due: D | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._all.free(self)

    def connection_lost(self, _: Exception | None) -> None:
        if not self._all.is_over:
            self._all.is_broken = True

    def send(self, due: D) -> None:
        self._due = due
        self._transport.write(due.request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if end and length and len(body) >= int(length[1]) and self._due is not None:
            due, status = self._due, int(head[9:12])
            self._heard, self._due = b"", None
            self._all.answered(status, body, due)
            self._all.free(self)
