"""The dashboard behind its guard, wired where all can see it."""

import os
from collections.abc import Callable

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp

from pipeline.settings import Settings
from pipeline.web.headers import Https, SecureHeaders
from pipeline.web.site import LOOPBACK
from warehouse.dashboard.access import oidc, query, signin
from warehouse.dashboard.access.accounts import Accounts
from warehouse.dashboard.access.audit import AccessLog
from warehouse.dashboard.access.cookies import site
from warehouse.dashboard.access.desk import Desk, Passwords
from warehouse.dashboard.access.guard import Gate, Guard
from warehouse.dashboard.access.sessions import Sessions
from warehouse.dashboard.access.throttle import Throttle
from warehouse.dashboard.views import Views
from warehouse.errors import WarehouseError
from warehouse.sandbox.box import Box, Limits

MINUTE_MS = 60_000


def protected(app: FastAPI, settings: Settings, clock: Callable[[], int]) -> ASGIApp:
    """The app as it may be served: nothing of it is reached but through the guard. It gets the
    routes of sign-in and SQL box. `clock`: epoch milliseconds.

    The app's pages take their account from account.signed_in, and its state has `views` and
    `shelf`.
    """
    gate = Gate(
        site(settings), Accounts(settings.accounts_path), _sessions(settings, clock),
        AccessLog(settings.access_log_dir, clock))
    app.state.desk = _desk(app, settings, gate, clock)
    app.state.box = Box(
        Limits(settings.query_seconds, settings.query_memory_mib, settings.query_rows),
        settings.query_slots)
    _include(app, with_provider=settings.oidc_issuer is not None)
    guard = Guard(app, gate, _sorry(app.state.views))
    return SecureHeaders(Https(guard) if gate.site.secure else guard)


def _sessions(settings: Settings, clock: Callable[[], int]) -> Sessions:
    return Sessions(settings.sessions_path, clock, settings.session_idle_minutes * MINUTE_MS,
                    settings.session_hours * 60 * MINUTE_MS)


def _desk(app: FastAPI, settings: Settings, gate: Gate, clock: Callable[[], int]) -> Desk:
    issuer = settings.oidc_issuer
    return Desk(
        gate.site, app.state.views, gate.accounts, gate.sessions, Throttle(clock), Passwords(),
        gate.log, oidc.Provider(settings, issuer) if issuer else None)


def _include(app: FastAPI, with_provider: bool) -> None:
    app.include_router(signin.router)
    app.include_router(query.router)
    if with_provider:
        app.include_router(oidc.router)


def _sorry(views: Views) -> Callable[[int, str, str], Response]:
    return lambda status, title, text: views.answer("error.html", status, title=title, text=text)


def require_safe(settings: Settings, host: str) -> None:
    """What must hold before the dashboard listens on `host`; the files it makes are private.

    Raises:
        WarehouseError: without HTTPS passwords would cross a network readable, or the accounts
            file is broken.
    """
    if settings.dashboard_url is None and host not in LOOPBACK:
        raise WarehouseError(
            f"{host} can be reached over the network, which needs HTTPS: put a proxy that ends "
            "TLS before the dashboard and set XUESHI_DASHBOARD_URL=https://…, or bind 127.0.0.1")
    os.umask(0o077)
    Accounts(settings.accounts_path).find("")
