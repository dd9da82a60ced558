"""Answers: always JSON that every reader accepts."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from pipeline.collector.faults import RefusedError

RETRY_AFTER_S = 5   # after a 503; a player that comes back sooner would only find the same


def answer(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """`content` as JSON."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def refusal(error: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """What was wrong; `accepted` other events of the post are safe. `headers`: further ones."""
    return answer(error.status, {"accepted": error.accepted, "errors": error.errors},
                  {**error.headers, **(headers or {})})
