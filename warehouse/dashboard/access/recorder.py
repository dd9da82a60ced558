"""Lets nothing of an answer out before the access log has its line on disk."""

import asyncio
import re
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Send

from warehouse.dashboard.access.audit import AccessLog
from warehouse.dashboard.access.cookies import address
from warehouse.dashboard.access.visitor import Visitor

# Codes, days, ids of programmes. What is longer or of other letters may be a name that somebody
# searched for, which is nobody's business here.
PLAIN = re.compile(r"[A-Za-z0-9._:-]{0,64}")


class UnwrittenError(Exception):
    """The access log could not be written, so there is no answer."""


class Recorder:
    """Stands between the app and the client, for one request of one visitor."""

    def __init__(
        self, log: AccessLog, request: Request, visitor: Visitor, id_: str, send: Send
    ) -> None:
        self._log = log
        self._request = request
        self._visitor = visitor
        self._id = id_
        self._send = send
        self._bytes = 0
        self._streamed = False
        self.begun = False
        self.unwritten = False

    async def send(self, message: Message) -> None:
        """Raises:
        UnwrittenError: now and from then on.
        """
        if self.unwritten:
            raise UnwrittenError
        if message["type"] == "http.response.start":
            headers = Headers(raw=message["headers"])
            self._streamed = "content-length" not in headers
            await self._write(self._line(headers, message["status"]))
            self.begun = True
        elif message["type"] == "http.response.body":
            await self._body(message)
        await self._send(message)

    async def _body(self, message: Message) -> None:
        self._bytes += len(message.get("body", b""))
        if not message.get("more_body", False):
            await self._end(whole=True)

    async def broken_off(self) -> None:
        """Nothing more will be sent: tell so of a streamed answer that has not come to its end."""
        with suppress(UnwrittenError):
            await self._end(whole=False)

    async def _end(self, whole: bool) -> None:
        if self._streamed and self.begun and not self.unwritten:
            self._streamed = False
            await self._write({"event": "sent", "request": self._id,
                               "who": self._visitor.account.name, "bytes": self._bytes,
                               "whole": whole, **self._request.state.noted})

    def _line(self, headers: Headers, status: int) -> dict[str, Any]:
        request, account = self._request, self._visitor.account
        asked = {name: value if PLAIN.fullmatch(value) else "…"
                 for name, value in request.query_params.items() if PLAIN.fullmatch(name)}
        return {
            "event": _event(request, headers), "request": self._id, "who": account.name,
            "region": account.region, "address": address(request), "method": request.method,
            "path": request.url.path, "asked": asked or None,
            "what": getattr(request.scope.get("endpoint"), "__name__", None), "status": status,
            **request.state.noted,
        }

    async def _write(self, line: dict[str, Any]) -> None:
        try:
            await asyncio.to_thread(lambda: self._log.write(**line))
        except OSError as error:
            self.unwritten = True
            raise UnwrittenError(str(error)) from error


def _event(request: Request, headers: Headers) -> str:
    if headers.get("content-disposition", "").startswith("attachment"):
        return "download"
    return "read" if request.method in ("GET", "HEAD") else "act"
