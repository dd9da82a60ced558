"""The address of a site in browsers, and cookies that are bound to it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Site:
    """The address of this site in browsers. `url`: https://name, None: this machine only.

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

    def cookie(self, name: str) -> str:
        """The cookie's full name."""
        return f"__Host-{name}" if self.secure else name

    def put(self, response: Response, name: str, value: str) -> None:
        """Set the cookie, until the browser closes; scripts cannot read it."""
        response.set_cookie(name, value, path="/", secure=self.secure, httponly=True,
                            samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
