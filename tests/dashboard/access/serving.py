"""A dashboard as its own server on a real port, and browsers before it."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from pipeline.settings import Settings
from warehouse.dashboard.access.audit import ZONE, days, lines
from warehouse.dashboard.access.wiring import protected
from warehouse.dashboard.app import create_dashboard

NOON = int(datetime(2023, 7, 21, 12, tzinfo=ZONE).timestamp() * 1000)
MINUTE = 60_000
HOUR = 60 * MINUTE

PASSWORDS = {
    "bj": "seven geese cross a river", "dongcheng": "eight geese cross a river",
    "gd": "nine geese cross a river", "country": "ten geese cross a river",
    "plain": "some geese cross a river", "off": "no geese cross any river",
}


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


def token_in(page: httpx.Response) -> str:
    """The hidden token of the page's first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, f"{page.url} has no form"
    return found[1]


def without_token(page: httpx.Response) -> str:
    """What the page says, but for its random tokens: those may spell any short word."""
    return re.sub(r'(name="csrf" value=")[^"]+', r"\1", page.text)


class Browser(httpx.Client):
    """Keeps cookies, follows nothing by itself, and fills in forms as people do."""

    def token(self, path: str) -> str:
        """The hidden token of the first form of a page."""
        return token_in(self.get(path))

    def fill_in(self, path: str, form_at: str, **fields: str) -> httpx.Response:
        """Send a form of the page `form_at`."""
        return self.post(path, data={"csrf": self.token(form_at), **fields})

    def sign_in(self, name: str, password: str | None = None, next_: str = "/") -> httpx.Response:
        return self.fill_in("/login", "/login", name=name, next=next_,
                         password=PASSWORDS[name] if password is None else password)


@dataclass(frozen=True)
class Site:
    """A running dashboard. `browsers`: closes them at the end."""

    url: str
    settings: Settings
    clock: Clock
    browsers: ExitStack

    def browser(self, **more: Any) -> Browser:
        return self.browsers.enter_context(Browser(base_url=self.url, timeout=60, **more))

    def signed_in(self, name: str) -> Browser:
        browser = self.browser()
        assert browser.sign_in(name).status_code == 303
        return browser

    def log(self, event: str | None = None) -> list[dict[str, Any]]:
        """The access log, all days of it."""
        folder = self.settings.access_log_dir
        found = [line for day in days(folder) for line in lines(folder, day)]
        return [line for line in found if event in (None, line["event"])]


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The app on a free port of this machine; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(
            app, ws="none", log_config=None, access_log=False, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@contextmanager
def dashboard(
    settings: Settings, extend: Callable[[FastAPI], None] = lambda app: None
) -> Iterator[Site]:
    """The dashboard of the settings; `extend` may give its app more routes."""
    clock = Clock()
    app = create_dashboard(settings)
    extend(app)
    with served(protected(app, settings, clock)) as url, ExitStack() as browsers:
        yield Site(url, settings, clock, browsers)
