"""The guard around the whole dashboard: nobody passes without a session, no form without its
token, and no answer without a line in the access log. What is not listed as open is closed.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from warehouse.dashboard.access.account import STATE, is_api, sign_in_href
from warehouse.dashboard.access.accounts import Accounts
from warehouse.dashboard.access.audit import AccessLog
from warehouse.dashboard.access.cookies import Site
from warehouse.dashboard.access.forms import SAFE, FormError, read_form, require_ours
from warehouse.dashboard.access.recorder import Recorder
from warehouse.dashboard.access.sessions import Sessions
from warehouse.dashboard.access.visitor import CURRENT, Visitor
from warehouse.errors import WarehouseError

log = logging.getLogger("xueshi.access")

OPEN = {"/login", "/login/oidc", "/login/oidc/callback", "/healthz"}
STATIC = "/static/"

Sorry = Callable[[int, str, str], Response]  # a page: status, title, text
REFUSED = {
    400: "请求有误，请返回重试。", 403: "页面已过期或来自别处，请返回首页后重试。",
    408: "请求超时，请重试。", 413: "提交的内容过长。", 415: "不支持的内容类型。",
    421: "请使用系统管理员告知的网址访问。", 503: "系统暂时无法记录访问日志，请稍后重试。",
}


@dataclass(frozen=True)
class Gate:
    """What the guard needs to know people by."""

    site: Site
    accounts: Accounts
    sessions: Sessions
    log: AccessLog

    def visitor(self, token: str | None) -> Visitor | None:
        """Whom the session's token belongs to, with the rights they have now.

        Raises:
            WarehouseError: the accounts file cannot be read.
        """
        session = self.sessions.find(token) if token else None
        if session is None or token is None:
            return None
        if session.stamp is None:
            return Visitor(session.account, session.csrf, False, token)
        local = self.accounts.find(session.account.name)
        if local is None or local.stamp != session.stamp:
            self.sessions.end(token)
            return None
        return Visitor(local.account, session.csrf, True, token)


class Guard:
    """ASGI middleware that belongs outside of everything but the headers."""

    def __init__(self, app: ASGIApp, gate: Gate, sorry: Sorry) -> None:
        self._app = app
        self._gate = gate
        self._sorry = sorry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(Request(scope, receive), receive, send)
        # Anything else, as a WebSocket, gets no answer.

    async def _http(self, request: Request, receive: Receive, send: Send) -> None:
        request.state.noted = {}
        if not self._gate.site.is_asked(request.headers):
            await self._refuse(421, request, receive, send)
            return
        try:
            visitor = await self._visitor(request)
        except (WarehouseError, OSError, sqlite3.Error) as error:
            log.error("%s", error)
            await self._refuse(503, request, receive, send)
            return
        await self._known(visitor, request, receive, send)

    async def _visitor(self, request: Request) -> Visitor | None:
        if request.url.path.startswith(STATIC):
            return None
        token = request.cookies.get(self._gate.site.session)
        return await asyncio.to_thread(self._gate.visitor, token)

    async def _known(
        self, visitor: Visitor | None, request: Request, receive: Receive, send: Send
    ) -> None:
        path = request.url.path
        if visitor is None and path not in OPEN and not path.startswith(STATIC):
            await _to_sign_in(request)(request.scope, receive, send)
            return
        setattr(request.state, STATE, visitor.account if visitor else None)
        CURRENT.set(visitor)
        if visitor is None:
            await self._pass(None, request, receive, send)
        else:
            await self._recorded(visitor, request, receive, send)

    async def _recorded(
        self, visitor: Visitor, request: Request, receive: Receive, send: Send
    ) -> None:
        recorder = Recorder(self._gate.log, request, visitor, secrets.token_hex(8), send)
        try:
            await self._pass(visitor, request, receive, recorder.send)
        except Exception:
            if not recorder.unwritten:
                raise
        finally:
            await recorder.broken_off()
        if recorder.unwritten:
            log.error("the access log cannot be written: nothing is shown")
            if not recorder.begun:
                await self._refuse(503, request, receive, send)

    async def _pass(
        self, visitor: Visitor | None, request: Request, receive: Receive, send: Send
    ) -> None:
        """Let the request through to the app, if it is no form or one of ours."""
        try:
            if request.method not in SAFE:
                request.state.form = await self._form(visitor, request)
        except FormError as error:
            request.state.noted["refused"] = "form"
            await self._refuse(error.status, request, receive, send)
            return
        await self._app(request.scope, receive, send)

    async def _form(self, visitor: Visitor | None, request: Request) -> dict[str, str]:
        site = self._gate.site
        form = await read_form(request)
        token = request.cookies.get(site.entrance)
        if visitor is not None and request.url.path not in OPEN:
            token = visitor.secret
        require_ours(request.headers, form, token, site.origin(request.headers))
        return form

    async def _refuse(
        self, status: int, request: Request, receive: Receive, send: Send
    ) -> None:
        await self._sorry(status, "请求未被接受", REFUSED[status])(request.scope, receive, send)


def _to_sign_in(request: Request) -> Response:
    """The way to the sign-in, and from there back to the page."""
    if is_api(request.url.path):
        return Response(status_code=401)
    if request.method not in SAFE:
        return RedirectResponse(sign_in_href("/"), 303)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(sign_in_href(request.url.path + query), 303)
