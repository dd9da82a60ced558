"""Who reads: what the sign-in tells the pages."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import HTTPException, Request

STATE = "account"  # where guard.py leaves the account of a request


@dataclass(frozen=True, slots=True)
class Account:
    """`region`: six digits, or 000000 for the country. An account opens that region's published
    data and nothing else.

    `sees_names`: names of teachers may be shown; `may_query`: may use the SQL box.
    """

    name: str
    region: str
    sees_names: bool
    may_query: bool


def signed_in(request: Request) -> Account:
    """The account of the request: a FastAPI dependency.

    Raises:
        HTTPException: nobody is signed in; 401 for the API, for a page the way to the sign-in.
    """
    account = getattr(request.state, STATE, None)
    if not isinstance(account, Account):
        raise _not_signed_in(request)
    return account


def _not_signed_in(request: Request) -> HTTPException:
    if is_api(request.url.path) or request.method not in ("GET", "HEAD"):
        return HTTPException(401, "请先登录。")
    return HTTPException(303, headers={"Location": sign_in_href(request.url.path)})


def is_api(path: str) -> bool:
    """Whether a program asks, which wants a status and no page."""
    return path == "/api" or path.startswith("/api/")


def sign_in_href(back: str) -> str:
    """The sign-in that leads back to the page, its path and query."""
    return "/login" if back == "/" else f"/login?next={quote(back, safe='')}"
