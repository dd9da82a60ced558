"""`xueshi learner`."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click
import uvicorn
from starlette.types import ASGIApp

from learner.app import create_learner
from learner.worker import Worker
from pipeline.asking import AwayError
from pipeline.clock import now_ms
from pipeline.logs.setup import Lines, set_up
from pipeline.metrics.board import Board
from pipeline.metrics.http import Counted, Requests, routes
from pipeline.metrics.metric import Process
from pipeline.metrics.ops import Health, ops
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.serving import BACKLOG, Server, listen, shown
from pipeline.settings import SettingMissingError, Settings
from pipeline.web.site import LOOPBACK
from warehouse.holding import publication

GRACE_S = 8
ROUTE = routes({path: path for path in ("/", "/enter", "/leave", "/v1/visits", "/healthz")},
               {name: f"/{name}/…" for name in ("static", "resources")})


@click.command()
@click.option("--host", help="Address to bind.  [default: XUESHI_LEARNER_HOST]")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Port to bind.  [default: XUESHI_LEARNER_PORT]")
def learner(host: str | None, port: int | None) -> None:
    """Show teachers their own progress, for the platform that signs them in.

    Runs until it is told to stop (SIGTERM, Ctrl-C). It starts without a worker and without a
    publication too, and says so on its pages.
    """
    settings = Settings()
    # httpx tells every address that it asks at INFO, with teachers' ids in them.
    lines = set_up(settings, "learner", {"": "WARNING"})
    address = host or settings.learner_host, port or settings.learner_port
    with _clear_errors():
        app = create_learner(settings, load_catalogue(settings.programmes_dir), now_ms)
    _require_safe(settings, address[0])
    with listen(*address, "XUESHI_LEARNER_PORT") as listening:
        click.echo(f"learner listens at http://{shown(listening)}")
        _run(settings, app, listening, address[1], lines)


def _run(
    settings: Settings, app: ASGIApp, listening: socket.socket, port: int, lines: Lines
) -> None:
    requests = Requests()
    server = Server(config(Counted(app, requests, ROUTE)))
    board = Board(Process.LEARNER, requests.read, publication(settings.published_dir))
    health = Health(server.loop.dead, lambda: server.loop.ask(lambda: _unready(settings)))
    with ops(settings, board, health, lines, port):
        server.run(sockets=[listening])


async def _unready(settings: Settings) -> list[str]:
    """Whether a worker can be asked."""
    async with Worker(settings.progress_url, settings.secret("platform_key")) as worker:
        try:
            await worker.progress("nobody")
        except AwayError:
            return [f"no worker answers at {settings.progress_url}"]
    return []


def _require_safe(settings: Settings, host: str) -> None:
    """Without HTTPS cookies would cross a network readable."""
    if settings.learner_url is None and host not in LOOPBACK:
        raise click.ClickException(
            f"{host} can be reached over the network, which needs HTTPS: put a proxy that ends "
            "TLS before it and set XUESHI_LEARNER_URL=https://…, or bind 127.0.0.1")
    os.umask(0o077)


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (ProgrammeError, SettingMissingError) as error:
        raise click.ClickException(str(error)) from error


def config(app: ASGIApp) -> uvicorn.Config:
    """The server's ways. Nothing is written of requests: addresses may have tickets in them."""
    return uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="none", lifespan="on", log_config=None,
        access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S, backlog=BACKLOG)
