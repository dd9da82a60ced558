"""Posts of a page that is being left: `navigator.sendBeacon` can set no header, so the play's
token is in the body.
"""

from typing import Any, NamedTuple

from pydantic_core import to_json

from pipeline.collector.body import Sent, read_body
from pipeline.collector.room import Share
from pipeline.collector.sorting import from_body

# What browsers let a page send while it is left. It is read before the token is known.
MAX_BYTES = 64 * 1024


class Left(NamedTuple):
    """A token, "" if there was none, and the body without it: rejections are kept, and a token
    must not be kept with them.
    """

    token: str
    body: bytes


async def read_left(sent: Sent, limit: int, share: Share) -> Left:
    """The token and the rest of a body of at most `limit` bytes or MAX_BYTES.

    Raises:
        RefusedError: as `read_body`.
    """
    return taken_apart(await read_body(sent, min(limit, MAX_BYTES), share))


def taken_apart(body: bytes) -> Left:
    """The body's token, and the body without it."""
    try:
        content: Any = from_body(body)
    except ValueError:
        return Left("", body)
    token = content.pop("token", "") if isinstance(content, dict) else ""
    return Left(token if isinstance(token, str) else "",
                to_json(content, inf_nan_mode="constants"))
