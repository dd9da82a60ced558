"""An answer that is sent while it is made, and always comes to an end."""

import asyncio
import logging
from collections.abc import Callable, Iterator

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger("xueshi.dashboard")

STALL_S = 60.0  # no reader takes longer for a chunk, unless it is gone without a word


class _StalledError(Exception):
    """The reader takes nothing."""


class Sending(StreamingResponse):
    """A file, chunk by chunk. `end` is called once: when all is sent, or the reader has gone, or
    takes nothing for STALL_S.
    """

    def __init__(
        self, chunks: Iterator[bytes], headers: dict[str, str], media_type: str,
        end: Callable[[], None],
    ) -> None:
        super().__init__(chunks, 200, headers, media_type)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patiently(message: Message) -> None:
            try:
                async with asyncio.timeout(STALL_S):
                    await send(message)
            except TimeoutError:
                raise _StalledError from None

        try:
            await super().__call__(scope, receive, patiently)
        except _StalledError:  # the answer stays unfinished, so the server cuts the connection
            log.warning("a download was given up: its reader took nothing for %d s", STALL_S)
        finally:
            self._end()
