"""Answers: always JSON that every reader accepts."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Send

from pipeline.collector.direct import Direct
from pipeline.collector.faults import Fault, RefusedError, refused

RETRY_AFTER_S = 5   # after a 503; a player that comes back sooner would only find the same


def answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """`content` as JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


async def accept(
    direct: Direct | None, send: Send, content: Any, headers: Mapping[str, str]
) -> None:
    """202 with `content` as JSON, by the shorter way if there is one."""
    body = orjson.dumps(content)
    told = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    told += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if direct is None or not direct.answer(202, told, body):
        await send({"type": "http.response.start", "status": 202, "headers": told})
        await send({"type": "http.response.body", "body": body})


def failed() -> RefusedError:
    """A fault of ours."""
    return refused(Fault.INTERNAL, ("server",), "failed: send the whole post again",
                   {"Retry-After": str(RETRY_AFTER_S)})


def refusal(error: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """What was wrong; `accepted` other events of the post are safe. `headers`: further ones."""
    return answer(error.status, {"accepted": error.accepted, "errors": error.errors},
                  {**error.headers, **(headers or {})})
