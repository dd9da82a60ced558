"""The two cookies: the session's, and that of the sign-in page."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from pipeline.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Site:
    """The address of this dashboard in browsers. `url`: https://name, None: this machine only.

    With https, cookies are `Secure` and bound to exactly this host (`__Host-`).
    """

    url: str | None

    @property
    def secure(self) -> bool:
        return self.url is not None

    def is_asked(self, headers: Headers) -> bool:
        """Whether the request is for this site: no other name may lead here (DNS rebinding)."""
        host = headers.get("host", "")
        if self.url is not None:
            return host == urlsplit(self.url).netloc
        try:
            return urlsplit(f"//{host}").hostname in LOOPBACK
        except ValueError:
            return False

    def origin(self, headers: Headers) -> str:
        """The origin of this site's pages, of a request that `is_asked`."""
        return self.url or f"http://{headers['host']}"

    @property
    def session(self) -> str:
        return "__Host-xueshi" if self.secure else "xueshi"

    @property
    def entrance(self) -> str:
        """Of whoever is about to sign in."""
        return "__Host-xueshi-entrance" if self.secure else "xueshi-entrance"

    def put(self, response: Response, name: str, value: str) -> None:
        """Set the cookie, until the browser closes; scripts cannot read it."""
        response.set_cookie(name, value, path="/", secure=self.secure, httponly=True,
                            samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


def site(settings: Settings) -> Site:
    return Site(settings.dashboard_url)


def address(request: Request) -> str:
    """The client's address, as the server was told by whom it trusts."""
    return request.client.host if request.client else ""
