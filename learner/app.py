"""The teacher's page, wired where all can see it: a worker's answers and published files in,
pages out.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from learner.door import Door
from learner.host import OwnHost
from learner.pages import Desk, ForeignFormError, NotInError, UnknownError, router
from learner.passes import Passes
from learner.published import Published
from learner.spent import Spent
from learner.views import Views
from learner.worker import Worker
from pipeline.asking import AwayError
from pipeline.collector.answers import refusal
from pipeline.collector.faults import RefusedError
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from pipeline.web.assets import Assets
from pipeline.web.headers import HEADERS, Https, SecureHeaders
from pipeline.web.site import Site

STATIC = Path(__file__).parent / "static"
RETRY_AFTER_S = 10
ENTER = "请回到研修平台，从“我的学时”重新进入。"


def create_learner(
    settings: Settings, catalogue: Catalogue, clock: Callable[[], int]
) -> ASGIApp:
    """The page as an ASGI app. `clock`: epoch ms; nothing connects before it runs.

    Raises:
        SettingMissingError: the platform's key or the tokens' secret is not set.
    """
    site = Site(settings.learner_url)
    desk = _desk(settings, catalogue, site, clock)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
                  lifespan=_running(desk))
    app.state.desk = desk
    app.include_router(router)
    for error, answer in ERRORS.items():
        app.add_exception_handler(error, answer)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    guarded = OwnHost(app, site, desk.views)
    return SecureHeaders(Https(guarded) if site.secure else guarded)


def _desk(
    settings: Settings, catalogue: Catalogue, site: Site, clock: Callable[[], int]
) -> Desk:
    key, assets = settings.secret("platform_key"), Assets(STATIC)
    door = Door(site, settings.secrets("platform_key"), Passes(*settings.secrets("token_secret")),
                Spent(settings.visits_path), settings.learner_minutes, clock)
    secret = settings.certificate_secret
    return Desk(
        door, Worker(settings.progress_url, key), Published(settings.published_dir), catalogue,
        Views(assets), assets, secret.get_secret_value().encode() if secret else None,
        settings.learner_play_url, clock)


def _running(desk: Desk) -> Any:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with desk.worker:
            yield
        desk.published.close()

    return running


def _sorry(request: Request, status: int, title: str, text: str) -> Response:
    desk: Desk = request.app.state.desk
    answer = desk.views.answer("sorry.html", status, title=title, text=text)
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _not_in(request: Request, _: Exception) -> Response:
    return _sorry(request, 403, "请重新进入", f"链接已失效，或停留时间过长。{ENTER}")


def _unknown(request: Request, _: Exception) -> Response:
    return _sorry(request, 404, "没有这个页面", ENTER)


def _foreign(request: Request, _: Exception) -> Response:
    return _sorry(request, 403, "请求未被接受", ENTER)


def _away(request: Request, _: Exception) -> Response:
    return _sorry(request, 503, "请稍后再试",
                  "系统暂时查不到学习进度，您的学习记录没有丢失。请过一会儿刷新本页。")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _unknown(request, error)
    answer.status_code = error.status_code
    answer.headers.update(error.headers or {})
    return answer


def _refused(_: Request, error: Exception) -> Response:
    """The platform's back end reads JSON."""
    assert isinstance(error, RefusedError)
    return refusal(error)


def _failed(request: Request, _: Exception) -> Response:
    """A fault of ours; the server logs it."""
    answer = _sorry(request, 500, "出错了", "系统出现意外错误，已记录。请稍后重试。")
    answer.headers.update(HEADERS)  # it is made outside of all middleware
    return answer


ERRORS: dict[Any, Callable[[Request, Exception], Response]] = {
    NotInError: _not_in, UnknownError: _unknown, ForeignFormError: _foreign, AwayError: _away,
    RefusedError: _refused, HTTPException: _http, Exception: _failed,
}
