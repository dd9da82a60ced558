"""A short cut between uvicorn's connection and a handler, for posts that arrive at one go.

ASGI takes one message for a body and two for an answer; the latter are two system calls, which
cost more than all the rest of an answer. Where a handler finds no short cut in its scope (or the
short cut declines), ASGI's own way is open and does the same.
"""

from collections.abc import Iterable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

EXTENSION = "xueshi.direct"

Header = tuple[bytes, bytes]


class Direct:
    """One request and its answer."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def body(self, most: int) -> bytes | None:
        """The body, if all of it is there and it has `most` bytes at most. It can be asked for
        again, and taken by ASGI's own way all the same.
        """
        cycle = self._cycle
        if cycle.more_body or cycle.disconnected or len(cycle.body) > most:
            return None
        return bytes(cycle.body)

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> bool:
        """Answer in one write. False if that cannot be done now, and nothing was.

        `headers`: small letters, and the length among them. None may close the connection.
        """
        cycle = self._cycle
        if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
            return False
        closing = () if cycle.keep_alive else ((b"connection", b"close"),)
        lines = [b"%b: %b\r\n" % pair for pair in (*cycle.default_headers, *headers, *closing)]
        cycle.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
        self._complete()
        return True

    def _complete(self) -> None:
        """As the cycle's own `send` does at the end."""
        cycle = self._cycle
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def offer(cycle: RequestResponseCycle) -> None:
    """Put a short cut into the request's scope."""
    scope: Any = cycle.scope
    scope["extensions"] = {EXTENSION: Direct(cycle)}


def offered(scope: Scope) -> Direct | None:
    extensions = scope.get("extensions")
    found: Direct | None = extensions.get(EXTENSION) if extensions else None
    return found
