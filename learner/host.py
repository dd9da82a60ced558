"""Pages are shown under this site's own name only; what needs the platform's key, under any."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from learner.views import Views
from pipeline.web.site import Site

ANY_NAME = {"/v1/visits", "/healthz"}


class OwnHost:
    """ASGI middleware. Other names get 421, so that none can be made to lead here."""

    def __init__(self, app: ASGIApp, site: Site, views: Views) -> None:
        self._app = app
        self._site = site
        self._views = views

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_ours(Request(scope)):
            await self._app(scope, receive, send)
            return
        answer = self._views.answer("sorry.html", 421, title="网址有误",
                                    text="请从研修平台进入本页。")
        await answer(scope, receive, send)

    def _is_ours(self, request: Request) -> bool:
        return request.url.path in ANY_NAME or self._site.is_asked(request.headers)
