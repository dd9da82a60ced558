"""A request's body, of bounded size and within bounded time."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import Receive

from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.room import SMALL, Share

PATIENCE_S = 30.0

# An oversized body is read on for a while, without keeping it: a client that is still sending
# when the connection closes would see a broken pipe instead of the answer.
DRAINED_BYTES = 8 * 1024 * 1024
LOC = ("body",)
PLAIN = "identity"


class Sent(NamedTuple):
    """A request. Its headers' names are in lower case. `arrived`: all of its body, if that is
    small and known already.
    """

    headers: Mapping[str, str]
    receive: Receive
    arrived: bytes | None = None


async def read_body(sent: Sent, limit: int, share: Share | None = None) -> bytes:
    """The whole body, at most `limit` bytes, whether its length was announced or not. `share`: of
    the room for all bodies that are being read; without one it is not counted.

    Raises:
        RefusedError: 413 if it is longer, 408 if it takes too long, 400 if it breaks off, 415 if
            it is compressed, 503 if there is no room for it.
    """
    if sent.headers.get("content-encoding", PLAIN) != PLAIN:
        raise refused(Fault.COMPRESSED, ("header", "Content-Encoding"),
                      "send the body as it is, not compressed", {"Accept-Encoding": PLAIN})
    if sent.arrived is not None and len(sent.arrived) <= min(limit, SMALL):
        return sent.arrived
    if int(sent.headers.get("content-length", 0)) > limit + DRAINED_BYTES:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _collect(sent.receive, limit, share)
    except TimeoutError:
        raise refused(Fault.TOO_SLOW, LOC, f"did not arrive within {PATIENCE_S:g} s",
                      {"Connection": "close"}) from None
    finally:
        if share is not None:
            share.let_go()


async def _collect(receive: Receive, limit: int, share: Share | None) -> bytes:
    kept, size, is_more = bytearray(), 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise refused(Fault.CUT_OFF, LOC, "the connection was closed before its end")
        chunk, is_more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= limit:
            if share is not None:
                share.hold(size)
            kept += chunk
        elif size > limit + DRAINED_BYTES:
            break
    if size > limit:
        raise _too_large(limit)
    return bytes(kept)


def _too_large(limit: int) -> RefusedError:
    return refused(Fault.BODY_TOO_LARGE, LOC, f"more than {limit} bytes: send less at once",
                   {"Connection": "close"})
