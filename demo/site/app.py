"""The website, wired where all can see it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from demo.site.bundles import require_bundles
from demo.site.films import Films
from demo.site.pages import Desk, ForeignFormError, NotInError, UnknownError, router
from demo.site.platform import AwayError, Platform
from demo.up.settings import address
from learner.app import STATIC as LEARNER
from learner.host import OwnHost
from learner.views import Views
from learner.worker import Worker
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings
from pipeline.web.assets import Assets
from pipeline.web.headers import CONTENT_SECURITY_POLICY, HEADERS, SecureHeaders
from pipeline.web.site import Site

HERE = Path(__file__).parent


def create_site(
    settings: Settings, catalogue: Catalogue, films: Films, clock: Callable[[], int]
) -> ASGIApp:
    """The website as an ASGI app. `clock`: epoch ms; nothing connects before it runs.

    Raises:
        DemoError: the player is not built.
        SettingMissingError: the platform's key is not set.
    """
    desk = _desk(settings, catalogue, films, clock)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
                  lifespan=_running(desk))
    app.state.desk = desk
    app.include_router(router)
    for error, answer in ERRORS.items():
        app.add_exception_handler(error, answer)
    return SecureHeaders(OwnHost(app, desk.site, desk.views))


def _desk(
    settings: Settings, catalogue: Catalogue, films: Films, clock: Callable[[], int]
) -> Desk:
    key = settings.secret("platform_key")
    # In the manner of the teachers' page, whose style sheet it is.
    shared = {"learner.css": LEARNER / "learner.css", "icon.svg": LEARNER / "icon.svg"}
    assets = Assets(HERE / "static", {**shared, **require_bundles()})
    collector = address(settings.collector_port)
    return Desk(
        Site(None), Platform(collector, address(settings.learner_port), key),
        Worker(settings.progress_url, key), catalogue, films, assets,
        Views(assets, HERE / "templates"), address(settings.dashboard_port),
        f"{CONTENT_SECURITY_POLICY}; media-src 'self'; connect-src 'self' {collector}", clock)


def _running(desk: Desk) -> Any:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with desk.platform, desk.worker:
            yield

    return running


def _sorry(request: Request, status: int, title: str, text: str) -> Response:
    desk: Desk = request.app.state.desk
    return desk.views.answer("sorry.html", status, title=title, text=text)


def _not_in(request: Request, _: Exception) -> Response:
    return _sorry(request, 403, "请先选择一位演示教师", "从首页选择一位演示教师，再打开这个页面。")


def _unknown(request: Request, _: Exception) -> Response:
    return _sorry(request, 404, "没有这个页面", "请回到首页。")


def _foreign(request: Request, _: Exception) -> Response:
    return _sorry(request, 403, "请求未被接受", "请回到首页再试一次。")


def _away(request: Request, error: Exception) -> Response:
    return _sorry(request, 503, "请稍后再试", f"系统的一个部分现在没有应答：{error}")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _unknown(request, error)
    answer.status_code = error.status_code
    return answer


def _failed(request: Request, _: Exception) -> Response:
    """A fault of ours; the server logs it."""
    answer = _sorry(request, 500, "出错了", "系统出现意外错误，已记录。")
    answer.headers.update(HEADERS)  # it is made outside of all middleware
    return answer


ERRORS: dict[Any, Callable[[Request, Exception], Response]] = {
    NotInError: _not_in, UnknownError: _unknown, ForeignFormError: _foreign, AwayError: _away,
    HTTPException: _http, Exception: _failed,
}
