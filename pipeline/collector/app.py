"""The collector, wired where all can see it: HTTP in, acknowledged Kafka records out."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.collector import metering, openapi
from pipeline.collector.answers import RETRY_AFTER_S, answer, failed, refusal
from pipeline.collector.cors import Cors
from pipeline.collector.events import Events
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.gate import Gate
from pipeline.collector.limits import Limits
from pipeline.collector.plays import Plays
from pipeline.collector.progress import Progress
from pipeline.collector.publishing import Publisher
from pipeline.collector.rotating import RotatingTokens
from pipeline.collector.xapi.app import create_xapi
from pipeline.metrics.http import Requests
from pipeline.rules.programme import Catalogue
from pipeline.schemas.telemetry import MAX_BATCH_EVENTS
from pipeline.settings import Settings

MAX_POST_BYTES = 1024 * 1024   # packed it stays below what Kafka takes in one record
ABOUT = "Takes in what players tell; see docs/reference/collector-status.md for every status."

EVENTS = "/v1/events"
PROGRESS = "/v1/progress"


class SettingTooLargeError(ValueError):
    """A setting lets posts in that do not fit into one record."""


class Collector(FastAPI):
    """Posts of events go past all that FastAPI and Starlette would do around them, which costs
    twice as much as the posts themselves.
    """

    events: Events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == EVENTS and scope["method"] == "POST":
            await self.events(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_collector(
    settings: Settings, catalogue: Catalogue, publisher: Publisher, clock: Callable[[], int]
) -> FastAPI:
    """The collector as an ASGI app. `clock`: epoch milliseconds; nothing connects before it runs.

    Raises:
        SettingMissingError: the platform's key or the tokens' secret is not set.
        SettingTooLargeError: posts could be larger than a record.
    """
    _require_posts_fit(settings)
    tokens = RotatingTokens(settings.secrets("token_secret"))
    cors = Cors(settings.cors_origins)
    progress = Progress(settings, tokens, clock, cors)
    app = Collector(title="xueshi collector", version="1", description=ABOUT, docs_url=None,
                    redoc_url=None, redirect_slashes=False, lifespan=_running(publisher, progress))
    requests = publisher.counts.requests
    gate = Gate(tokens, Limits(settings))
    plays = Plays(settings, catalogue, tokens, clock, progress, gate.limits)
    events = Events(settings, catalogue, gate, publisher, clock, cors)
    # Plain routes: bodies are parsed by hand, and what FastAPI would do around them costs a
    # quarter of a post.
    app.add_route("/v1/plays", metering.timed(plays.open, requests, "/v1/plays"), methods=["POST"])
    app.add_route(EVENTS, events, methods=["POST"])  # type: ignore[arg-type]  # an ASGI app
    app.events = events
    app.add_route(PROGRESS, metering.timed(progress.answer, requests, PROGRESS), methods=["GET"])
    if settings.cors_origins:
        _answer_preflights(app, cors)
    learning = create_xapi(settings, catalogue, gate, publisher, clock)
    app.mount(metering.XAPI, metering.xapi(learning, requests))
    _serve_health(app, publisher)
    for kind, sorry in _refusing(cors, requests).items():
        app.add_exception_handler(kind, sorry)
    app.openapi = openapi.described  # type: ignore[method-assign]  # FastAPI's own way
    return app


def _require_posts_fit(settings: Settings) -> None:
    limits = {"max_post_events": MAX_BATCH_EVENTS, "max_post_bytes": MAX_POST_BYTES}
    for name, limit in limits.items():
        if getattr(settings, name) > limit:
            raise SettingTooLargeError(f"XUESHI_{name.upper()} may be {limit} at most")


def _running(publisher: Publisher, progress: Progress) -> Any:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with progress.connected():
            await publisher.start()
            yield
            await publisher.stop()

    return running


def _answer_preflights(app: FastAPI, cors: Cors) -> None:
    for path, method in ((EVENTS, "POST"), (PROGRESS, "GET")):
        app.add_route(path, cors.preflight(method), methods=["OPTIONS"])


def _serve_health(app: FastAPI, publisher: Publisher) -> None:
    @app.get("/healthz", summary="The process lives")
    async def healthz() -> Response:
        return answer(200, {"status": "ok"})

    @app.get("/readyz", summary="Posts can be taken: Kafka answers and has the topics")
    async def readyz() -> Response:
        shortcomings = await publisher.shortcomings()
        status, headers = (503, {"Retry-After": str(RETRY_AFTER_S)}) if shortcomings else (200, {})
        return answer(status, {"ready": not shortcomings, "shortcomings": shortcomings}, headers)


def _refusing(cors: Cors, requests: Requests) -> Mapping[type[Exception], Any]:
    """How each error is answered. A page's script must be able to read refusals too."""

    def answering(to_refusal: Callable[[Exception], RefusedError]) -> Any:
        async def handler(request: Request, error: Exception) -> Response:
            return refusal(to_refusal(error), cors.headers(request.headers))

        return handler

    return {RefusedError: answering(_refused),
            HTTPException: metering.lost(answering(_misdirected), requests),
            Exception: answering(_failed)}


def _refused(error: Exception) -> RefusedError:
    assert isinstance(error, RefusedError)
    return error


def _misdirected(error: Exception) -> RefusedError:
    """No such path, or not with this method."""
    assert isinstance(error, HTTPException)
    fault = Fault.WRONG_METHOD if error.status_code == 405 else Fault.UNKNOWN_PATH
    msg = "not with this method" if fault is Fault.WRONG_METHOD else "there is nothing here"
    return refused(fault, ("path",), msg, error.headers)


def _failed(_: Exception) -> RefusedError:
    """The server logs it."""
    return failed()
