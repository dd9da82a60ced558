"""The dashboard over real HTTP, for an account that is signed in already."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.serving import listen
from pipeline.settings import Settings
from warehouse.dashboard.access.account import STATE, Account
from warehouse.dashboard.app import create_dashboard
from warehouse.dashboard.cli import config


def account(region: str, sees_names: bool = False) -> Account:
    return Account("tester", region, sees_names, False)


class SignedIn:
    """Does to a request what the guard does, for the account that the header X-Account names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", []))
        region, _, names = headers.get(b"x-account", b"").decode().partition(" ")
        state = scope.setdefault("state", {})
        state["noted"] = {}
        if region:
            state[STATE] = account(region, names == "names")
        await self._app(scope, receive, send)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The app's address while it is served."""
    with listen("127.0.0.1", 0, "XUESHI_DASHBOARD_PORT") as listening:
        server = uvicorn.Server(config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            _wait(server)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "it does not start"
        time.sleep(0.01)


@contextmanager
def dashboard(var_dir: Path) -> Iterator[str]:
    """The dashboard of that folder; each request says in X-Account for whom it is."""
    with serving(SignedIn(create_dashboard(Settings(var_dir=var_dir)))) as address:
        yield address


@contextmanager
def browsing(var_dir: Path, region: str, sees_names: bool = False) -> Iterator[httpx.Client]:
    """A client whose requests all come from one account."""
    said = f"{region} names" if sees_names else region
    with dashboard(var_dir) as address, httpx.Client(
            base_url=address, headers={"X-Account": said}, timeout=30) as client:
        yield client
