"""A request's body, of bounded size and within bounded time."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from pipeline.collector.faults import Fault, RefusedError, refused

PATIENCE_S = 30.0

# An oversized body is read on for a while, without keeping it: a client that is still sending
# when the connection closes would see a broken pipe instead of the answer.
DRAINED_BYTES = 8 * 1024 * 1024
LOC = ("body",)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes, whether its length was announced or not.

    Raises:
        RefusedError: 413 if it is longer, 408 if it takes too long, 400 if it breaks off.
    """
    if int(request.headers.get("content-length", 0)) > limit + DRAINED_BYTES:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _collect(request, limit)
    except TimeoutError:
        raise refused(Fault.TOO_SLOW, LOC, f"did not arrive within {PATIENCE_S:g} s",
                      {"Connection": "close"}) from None
    except ClientDisconnect:
        raise refused(Fault.CUT_OFF, LOC, "the connection was closed before its end") from None


async def _collect(request: Request, limit: int) -> bytes:
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            kept += chunk
        elif size > limit + DRAINED_BYTES:
            break
    if size > limit:
        raise _too_large(limit)
    return bytes(kept)


def _too_large(limit: int) -> RefusedError:
    return refused(Fault.BODY_TOO_LARGE, LOC, f"more than {limit} bytes: send less at once",
                   {"Connection": "close"})
