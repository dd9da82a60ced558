"""Which websites' scripts may post here and read the answers (the Fetch standard's CORS).

No middleware: it would cost every post something, and only posts of browsers need it.
"""

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

REMEMBER_S = 7200   # as long as Chromium remembers a preflight at most
NONE: Mapping[str, str] = {}


class Cors:
    """Answers' headers for pages of `origins`, each exactly `scheme://host[:port]`."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._headers = {origin: _readable_by(origin) for origin in origins}

    def headers(self, sent: Mapping[str, str]) -> Mapping[str, str]:
        """What lets the page that `sent` these headers read the answer; nothing for others."""
        return self._headers.get(sent.get("origin", ""), NONE) if self._headers else NONE

    async def preflight(self, request: Request) -> Response:
        """204; a browser sends the post only if the answer names its page's origin."""
        allowed = self.headers(request.headers)
        return Response(status_code=204, headers={**allowed, **_POSTS} if allowed else None)


_POSTS = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": str(REMEMBER_S),
}


def _readable_by(origin: str) -> Mapping[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }
