"""Which websites' scripts may post here and read the answers (the Fetch standard's CORS).

No middleware: it would cost every post something, and only posts of browsers need it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

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

    def preflight(self, method: str) -> Callable[[Request], Awaitable[Response]]:
        """204; a browser sends its request only if the answer names its page's origin."""
        asked = {
            "Access-Control-Allow-Methods": method,
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": str(REMEMBER_S),
        }

        async def answer(request: Request) -> Response:
            allowed = self.headers(request.headers)
            return Response(status_code=204, headers={**allowed, **asked} if allowed else None)

        return answer


def _readable_by(origin: str) -> Mapping[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }
