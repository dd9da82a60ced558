"""Sign-in with a password, the way out, and a new password: `/login`, `/logout`, `/password`."""

import logging
import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from warehouse.dashboard.access.cookies import address
from warehouse.dashboard.access.desk import BUSY, Desk, TooBusyError, TooOftenError
from warehouse.dashboard.access.forms import masked
from warehouse.dashboard.access.visitor import Visitor, note, visitor

log = logging.getLogger("xueshi.access")

WRONG = "账号或密码不正确，或账号已停用。"
TOO_OFTEN = "尝试次数过多，请 {minutes} 分钟后再试。"
LONGEST = 512  # characters of a field; no name and no password is longer

router = APIRouter()


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(desk)]


def local_path(wanted: str | None) -> str:
    """The page to go to after the sign-in: a path of this site and nothing else."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    if "\\" in wanted or any(ord(letter) < 0x20 for letter in wanted):
        return "/"
    parts = urlsplit(wanted)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("/log") else wanted


@router.get("/login")
def entrance(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """The page to sign in at."""
    if visitor() is not None:
        return RedirectResponse(local_path(next), 303)
    return page(request, desk, local_path(next))


def page(
    request: Request, desk: Desk, next_: str, problem: str = "", status: int = 200
) -> Response:
    """The sign-in page, with a token of its own in its form and in the browser."""
    token = request.cookies.get(desk.site.entrance) or secrets.token_urlsafe(32)
    answer = desk.views.answer(
        "access_login.html", status, csrf=masked(token), next=next_, problem=problem,
        provider=desk.provider.label if desk.provider else None)
    desk.site.put(answer, desk.site.entrance, token)
    return answer


@router.post("/login")
def sign_in(request: Request, desk: AtDesk) -> Response:
    """The same answer, in the same time, whatever is wrong."""
    form: dict[str, str] = request.state.form
    next_ = local_path(form.get("next"))
    name, password = (form.get(field, "")[:LONGEST] for field in ("name", "password"))
    try:
        local = desk.check(name.strip().lower(), password, address(request))
    except TooOftenError as error:
        return too_often(page(request, desk, next_, _wait(error), 429), error)
    except TooBusyError:
        return page(request, desk, next_, BUSY, 503)
    if local is None:
        return page(request, desk, next_, WRONG, 401)
    return desk.admit(request, local.account, local.stamp, next_)


def _wait(error: TooOftenError) -> str:
    return TOO_OFTEN.format(minutes=-(-error.wait_ms // 60_000))


def too_often(answer: Response, error: TooOftenError) -> Response:
    answer.headers["Retry-After"] = str(-(-error.wait_ms // 1000))
    return answer


@router.post("/logout")
def sign_out(request: Request, desk: AtDesk) -> Response:
    """The session ends here on the server, and the browser forgets what it kept."""
    here = signed_in_visitor()
    desk.sessions.end(here.token)
    note(request, event="signed_out")
    answer = RedirectResponse("/login", 303)
    desk.site.drop(answer, desk.site.session)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def signed_in_visitor() -> Visitor:
    here = visitor()
    assert here is not None, "the guard lets nobody else come here"
    return here


@router.get("/password")
def password_page(desk: AtDesk) -> Response:
    return desk.views.answer("access_password.html", problem="", local=signed_in_visitor().local)


@router.post("/password")
def new_password(request: Request, desk: AtDesk) -> Response:
    """A new password, for whoever knows the old one; every session of the account ends."""
    here, form = signed_in_visitor(), request.state.form
    old, new = (form.get(field, "")[:LONGEST] for field in ("old", "new"))
    try:
        problem = desk.change(here, old, new, address(request))
    except TooOftenError as error:
        return too_often(_again(desk, here, _wait(error), 429), error)
    except TooBusyError:
        return _again(desk, here, BUSY, 503)
    if problem is not None:
        return _again(desk, here, problem, 422)
    note(request, event="password_changed")
    answer = RedirectResponse("/login", 303)
    desk.site.drop(answer, desk.site.session)
    return answer


def _again(desk: Desk, here: Visitor, problem: str, status: int) -> Response:
    return desk.views.answer("access_password.html", status, problem=problem, local=here.local)
