"""The collector, wired where all can see it: HTTP in, acknowledged Kafka records out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector import openapi
from pipeline.collector.answers import RETRY_AFTER_S, answer, refusal
from pipeline.collector.events import Events
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.messages import Accepted, OpenedPlay, OpenPlay, Post, Refused
from pipeline.collector.plays import Plays
from pipeline.collector.publishing import Publisher
from pipeline.collector.tokens import Tokens
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings

ABOUT = "Takes in what players tell; see docs/reference/collector-status.md for every status."
REFUSALS_OF_PLAYS = (400, 401, 404, 408, 413, 422)
REFUSALS_OF_EVENTS = (400, 401, 403, 408, 413, 422, 429, 503)


def create_collector(
    settings: Settings, catalogue: Catalogue, publisher: Publisher, clock: Callable[[], int]
) -> FastAPI:
    """The collector as an ASGI app. `clock`: epoch milliseconds; nothing connects before it runs.

    Raises:
        SettingMissingError: the platform's key or the tokens' secret is not set.
    """
    app = FastAPI(title="xueshi collector", version="1", description=ABOUT, docs_url=None,
                  redoc_url=None, redirect_slashes=False, lifespan=_running(publisher))
    tokens = Tokens(settings.secret("token_secret"))
    _serve_plays(app, Plays(settings, catalogue, tokens, clock))
    _serve_events(app, Events(settings, catalogue, tokens, publisher, clock))
    _serve_health(app, publisher)
    app.add_exception_handler(RefusedError, _answer_refused)
    app.add_exception_handler(HTTPException, _answer_misdirected)
    app.add_exception_handler(Exception, _answer_failed)
    app.openapi = openapi.describing(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


def _running(publisher: Publisher) -> Any:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await publisher.start()
        yield
        await publisher.stop()

    return running


def _serve_plays(app: FastAPI, plays: Plays) -> None:
    app.post(
        "/v1/plays", status_code=201, summary="Open a play session",
        responses={201: {"model": OpenedPlay}, **_refusals(REFUSALS_OF_PLAYS)},
        openapi_extra=openapi.described(OpenPlay, openapi.PLATFORM_KEY),
    )(plays.open)


def _serve_events(app: FastAPI, events: Events) -> None:
    app.post(
        "/v1/events", status_code=202, summary="Send what was played",
        responses={202: {"model": Accepted}, **_refusals(REFUSALS_OF_EVENTS)},
        openapi_extra=openapi.described(Post, openapi.PLAY_TOKEN),
    )(events.take)


def _refusals(statuses: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Refused} for status in statuses}


def _serve_health(app: FastAPI, publisher: Publisher) -> None:
    @app.get("/healthz", summary="The process lives")
    async def healthz() -> Response:
        return answer(200, {"status": "ok"})

    @app.get("/readyz", summary="Posts can be taken: Kafka answers and has the topics")
    async def readyz() -> Response:
        shortcomings = await publisher.shortcomings()
        status, headers = (503, {"Retry-After": str(RETRY_AFTER_S)}) if shortcomings else (200, {})
        return answer(status, {"ready": not shortcomings, "shortcomings": shortcomings}, headers)


async def _answer_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return refusal(error)


async def _answer_misdirected(request: Request, error: Exception) -> Response:
    """No such path, or not with this method."""
    assert isinstance(error, HTTPException)
    fault = Fault.WRONG_METHOD if error.status_code == 405 else Fault.UNKNOWN_PATH
    msg = "not with this method" if fault is Fault.WRONG_METHOD else "there is nothing here"
    return refusal(refused(fault, ("path",), msg, error.headers))


async def _answer_failed(_: Request, __: Exception) -> Response:
    """A fault of ours; the server logs it."""
    return refusal(refused(Fault.INTERNAL, ("server",), "failed: send the whole post again",
                           {"Retry-After": str(RETRY_AFTER_S)}))
