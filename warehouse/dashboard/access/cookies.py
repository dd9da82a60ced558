"""The two cookies: the session's, and that of the sign-in page."""

from starlette.requests import Request

from pipeline.settings import Settings
from pipeline.web import site as web


class Site(web.Site):
    """The dashboard's address in browsers, with the names of its cookies."""

    @property
    def session(self) -> str:
        return self.cookie("xueshi")

    @property
    def entrance(self) -> str:
        """Of whoever is about to sign in."""
        return self.cookie("xueshi-entrance")


def site(settings: Settings) -> Site:
    return Site(settings.dashboard_url)


def address(request: Request) -> str:
    """The client's address, as the server was told by whom it trusts."""
    return request.client.host if request.client else ""
