"""The dashboard, wired where all can see it: published files in, pages out."""

import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from pipeline.settings import Settings
from pipeline.web.headers import HEADERS, SecureHeaders
from warehouse.dashboard.assets import Assets
from warehouse.dashboard.downloads import XLSX, Turns
from warehouse.dashboard.errors import (
    BusyError,
    DamagedError,
    NothingPublishedError,
    UnknownError,
)
from warehouse.dashboard.pages import router
from warehouse.dashboard.shelf import Days
from warehouse.dashboard.views import Views

log = logging.getLogger("xueshi.dashboard")

RETRY_AFTER_S = 30


def create_dashboard(settings: Settings) -> FastAPI:
    """The pages over the published files, for requests that have an account (access.guard puts
    it there); nothing is read before it is asked for.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    assets = Assets()
    app.state.days = Days(settings.published_dir)
    app.state.assets = assets
    app.state.views = Views(assets)
    app.state.turns = Turns()
    app.include_router(router)
    for error, answer in ERRORS.items():
        app.add_exception_handler(error, answer)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5,
                       exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, XLSX))
    app.add_middleware(SecureHeaders)
    return app


def _sorry(request: Request, status: int, title: str, text: str) -> Response:
    views: Views = request.app.state.views
    answer = views.answer("error.html", status, title=title, text=text)
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _unknown(request: Request, error: Exception) -> Response:
    """The same for what is not there and for what is another's: there is nothing to learn."""
    advice = error.advice if isinstance(error, UnknownError) else UnknownError().advice
    return _sorry(request, 404, "没有这个页面", advice)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (404, 405):
        return _unknown(request, error)
    answer = _sorry(request, error.status_code, "请求未被接受", "请返回首页后重试。")
    answer.headers.update(error.headers or {})
    return answer


def _nothing(request: Request, _: Exception) -> Response:
    return _sorry(request, 503, "尚未发布数据", "还没有发布过研修数据。发布后刷新本页即可查看。")


def _damaged(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    return _sorry(request, 503, "数据文件损坏",
                  "已发布的数据文件未通过完整性校验，为避免显示错误数字，本页暂停显示。"
                  "请联系系统管理员重新发布。")


def _busy(request: Request, _: Exception) -> Response:
    return _sorry(request, 503, "下载任务较多", "正在下载的大文件较多，请半分钟后重试。")


def _failed(request: Request, _: Exception) -> Response:
    """A fault of ours; the server logs it."""
    answer = _sorry(request, 500, "出错了", "系统出现意外错误，已记录。请稍后重试。")
    answer.headers.update(HEADERS)  # it is made outside of all middleware
    return answer


ERRORS: dict[Any, Callable[[Request, Exception], Response]] = {
    UnknownError: _unknown, NothingPublishedError: _nothing, DamagedError: _damaged,
    BusyError: _busy, HTTPException: _http, Exception: _failed,
}
