"""`/xapi`: what players need of an xAPI store to report what was played. It is none itself."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.collector.answers import RETRY_AFTER_S, answer, refusal
from pipeline.collector.cors import REMEMBER_S, Cors
from pipeline.collector.faults import Fault, RefusedError
from pipeline.collector.faults import refused as refused_by_all
from pipeline.collector.gate import Gate
from pipeline.collector.publishing import Publisher
from pipeline.collector.xapi import versions
from pipeline.collector.xapi.credentials import Credentials
from pipeline.collector.xapi.documents import Documents
from pipeline.collector.xapi.statements import EVENTS_HEADER, Statements
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings

EXPOSED = {
    "Access-Control-Expose-Headers": f"{versions.HEADER}, {EVENTS_HEADER}, Retry-After, ETag"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, POST",
    "Access-Control-Allow-Headers": f"Authorization, Content-Type, {versions.HEADER}",
    "Access-Control-Max-Age": str(REMEMBER_S),
}

Handler = Callable[[Request], Awaitable[Response]]


def create_xapi(
    settings: Settings, catalogue: Catalogue, gate: Gate, publisher: Publisher,
    clock: Callable[[], int],
) -> ASGIApp:
    """The resources below `/xapi` as an ASGI app. `clock`: epoch milliseconds."""
    credentials = Credentials(settings.secrets("platform_key"), gate.tokens)
    statements = Statements(settings, catalogue, credentials, gate.limits, publisher, clock)
    documents = Documents(settings, credentials, clock)
    app = Starlette(routes=[
        Route("/about", _about, methods=["GET"]),
        Route("/statements", _versioned(statements.take), methods=["PUT", "POST"]),
        Route("/activities/state", _versioned(documents.state), methods=["GET"]),
        Route("/activities/profile", _versioned(documents.profile), methods=["GET"]),
        Route("/agents/profile", _versioned(documents.profile), methods=["GET"]),
    ], exception_handlers={
        RefusedError: _answer_refused, HTTPException: _answer_misdirected,
        Exception: _answer_failed,
    })
    app.router.redirect_slashes = False
    return Frame(app, Cors(settings.cors_origins))


class Frame:
    """Puts the version on every answer, errors too, and what browsers ask for before the page of
    another website may send statements (`cors_origins`).
    """

    def __init__(self, app: ASGIApp, cors: Cors) -> None:
        self._app = app
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = Headers(scope=scope)

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._framing(said))
            await send(message)

        if scope["method"] == "OPTIONS" and self._cors.headers(said):
            await Response(None, 204, PREFLIGHT)(scope, receive, framed)
        else:
            await self._app(scope, receive, framed)

    def _framing(self, said: Headers) -> dict[str, str]:
        version = {versions.HEADER: versions.answered(said.get(versions.HEADER))}
        readable = self._cors.headers(said)
        return {**version, **readable, **(EXPOSED if readable else {})}


def _versioned(handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        versions.require(request.headers.get(versions.HEADER))
        return await handler(request)

    return handle


async def _about(_: Request) -> Response:
    """Open to all, in any version."""
    note: dict[str, Any] = {"urn:xueshi:xapi": "takes statements in, gives none out"}
    return answer(200, {"version": list(versions.SPOKEN.values()), "extensions": note})


async def _answer_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return refusal(error)


async def _answer_misdirected(_: Request, error: Exception) -> Response:
    """No such resource, or not with this method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return refusal(refused_by_all(
            Fault.WRONG_METHOD, ("path",), "not with this method: nothing is given out or stored",
            error.headers))
    return refusal(refused_by_all(Fault.UNKNOWN_PATH, ("path",), "there is nothing here"))


async def _answer_failed(_: Request, __: Exception) -> Response:
    """A fault of ours; the server logs it."""
    return refusal(refused_by_all(Fault.INTERNAL, ("server",), "failed: send the same again",
                                  {"Retry-After": str(RETRY_AFTER_S)}))
