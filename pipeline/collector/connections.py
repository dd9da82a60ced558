"""Connections that cannot be held for nothing: uvicorn's protocol, with bounds that it lacks.

Uvicorn waits for ever for the first byte and for the end of a request's head, takes a head of any
size, and queues as many requests as a client sends behind an unfinished one. Here a head has a
time and a size, few requests may queue, and where there are too many connections the one that has
been silent longest makes room: an honest player connects again, whoever only holds it is gone.
"""

import asyncio
import logging
import resource
from collections.abc import Callable
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline.collector import direct
from pipeline.collector.faults import Fault, error

HEAD_S = 10.0
HEAD_BYTES = 32 * 1024
READ_BYTES = 256 * 1024   # what may come at once
QUEUED = 8
SWEEP_S = 2.0
LOOKED_AT = 64
KEPT_FILES = 64   # for Kafka, logs and what Python itself opens


LOG = logging.getLogger("xueshi.http")
"""Whoever sends no HTTP must not fill the log: one line a second of it is kept (cli.py)."""


class Crowd:
    """All connections of this process, the one silent longest first. At most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._silent: dict[Connection, None] = {}
        self._is_sweeping = False

    def __len__(self) -> int:
        return len(self._silent)

    def enter(self, new: "Connection") -> None:
        """A connection more; another one may have to go, or itself, where all others are busy."""
        if len(self._silent) >= self._most:
            self._make_room(new)
        self._silent[new] = None
        self._sweep_later(new.loop)

    def heard(self, one: "Connection") -> None:
        """It has sent something."""
        if one in self._silent:
            del self._silent[one]
            self._silent[one] = None

    def leave(self, one: "Connection") -> None:
        self._silent.pop(one, None)

    def _make_room(self, new: "Connection") -> None:
        oldest = [one for one, _ in zip(self._silent, range(LOOKED_AT), strict=False)]
        gone = next((one for one in oldest if not one.is_answering), new)
        self.leave(gone)
        gone.transport.abort()

    def _sweep_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._is_sweeping:
            self._is_sweeping = True
            loop.call_later(SWEEP_S, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Time is looked at here and not at every post, which it would cost a timer."""
        now = loop.time()
        for one in [one for one in self._silent if one.head_since < now - HEAD_S]:
            one.refuse(Fault.TOO_SLOW, f"the head did not arrive within {HEAD_S:g} s")
        self._is_sweeping = False
        if self._silent:
            self._sweep_later(loop)


NEVER = float("inf")


class Connection(HttpToolsProtocol):
    """`head_since`: when a head began that is not whole yet, in the loop's time."""

    def __init__(self, crowd: Crowd, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._crowd = crowd
        self.head_since = NEVER
        self._beside_body = 0
        self.logger = LOG
        self._is_refused = False

    @property
    def is_answering(self) -> bool:
        """Whether a whole request waits for its answer."""
        cycle = self.cycle
        return cycle is not None and not cycle.more_body and not cycle.response_complete

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.head_since = self.loop.time()
        self._crowd.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.leave(self)
        self.head_since = NEVER
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._crowd.heard(self)
        super().data_received(data)
        cycle = self.cycle
        if self.head_since is not NEVER or cycle is None or cycle.more_body:
            self._count(len(data))
        elif cycle.response_complete and self.timeout_keep_alive_task is None:
            self.head_since = self.loop.time()  # empty lines, which begin no head

    def _count(self, size: int) -> None:
        """Bytes came that are not all of a body: of a head, between chunks, behind the last."""
        self._beside_body += size
        if self._beside_body > HEAD_BYTES:
            self.refuse(Fault.HEAD_TOO_LARGE, f"more than {HEAD_BYTES} bytes beside the body")

    def on_message_begin(self) -> None:
        self.head_since, self._beside_body = self.loop.time(), 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head_since is not NEVER:  # else it is behind the body
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.head_since = NEVER
        if len(self.pipeline) >= QUEUED:
            self._is_refused = True
            self.transport.abort()
        if not self._is_refused:
            super().on_headers_complete()
            direct.offer(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._beside_body = max(self._beside_body - 2 * len(body), -READ_BYTES)
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_refused:
            super().on_message_complete()

    def refuse(self, fault: Fault, msg: str) -> None:
        """Say so and close the connection, whatever else comes."""
        self._is_refused, self.head_since = True, NEVER
        if not self.transport.is_closing():
            self.transport.write(_written(fault, msg))
            self.transport.close()
            self.loop.call_later(SWEEP_S, self.transport.abort)  # it may never read the answer


def _written(fault: Fault, msg: str) -> bytes:
    body = orjson.dumps({"accepted": 0, "errors": [error(("header",), fault.type, msg)]})
    return (b"HTTP/1.1 %d Refused\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b" % (fault.status, len(body), body))


def protocol(most: int) -> Callable[..., Connection]:
    """What uvicorn makes its connections of, at most so many at a time, and fewer where the
    process may not open so many files.
    """
    crowd = Crowd(max(1, min(most, _files() - KEPT_FILES)))

    def connection(**uvicorns: Any) -> Connection:
        return Connection(crowd, **uvicorns)

    return connection


def _files() -> int:
    """How many files this process may open, after asking for as many as it can have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1_000_000
