"""`xueshi dashboard`."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click
import uvicorn
from starlette.types import ASGIApp

from pipeline.clock import now_ms
from pipeline.logs.setup import Lines, set_up
from pipeline.metrics.board import Board
from pipeline.metrics.http import Counted, Requests, routes
from pipeline.metrics.metric import Process
from pipeline.metrics.ops import Health, ops
from pipeline.serving import BACKLOG, Server, listen, shown
from pipeline.settings import Settings
from warehouse.dashboard.access.wiring import protected, require_safe
from warehouse.dashboard.app import create_dashboard
from warehouse.dashboard.assets import ECHARTS
from warehouse.errors import WarehouseError
from warehouse.holding import publication, unpublished

log = logging.getLogger("xueshi.dashboard")

# Pages of a place have its code in their path, which is no route of its own.
ROUTE = routes(
    {path: path for path in ("/", "/login", "/logout", "/password", "/query", "/query.csv")},
    {name: f"/{name}/…" for name in ("static", "regions", "schools", "teachers", "login")})
GRACE_S = 8   # of the 10 s that a stop may take; a longer download is cut short


@click.command()
@click.option("--host", help="Address to bind.  [default: XUESHI_DASHBOARD_HOST]")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Port to bind.  [default: XUESHI_DASHBOARD_PORT]")
def dashboard(host: str | None, port: int | None) -> None:
    """Show the published files to those who have an account.

    Runs until it is told to stop (SIGTERM, Ctrl-C). It starts without a publication too, and
    says so on its pages until there is one.
    """
    settings = Settings()
    lines = set_up(settings, "dashboard")
    address = host or settings.dashboard_host, port or settings.dashboard_port
    with _clear_errors():
        require_safe(settings, address[0])
        listening = listen(*address, "XUESHI_DASHBOARD_PORT")
        app = protected(create_dashboard(settings), settings, now_ms)
    if not ECHARTS.is_file():
        log.warning("%s is missing: pages show tables without pictures until `npm ci` ran", ECHARTS)
    with listening:
        click.echo(f"dashboard listens at http://{shown(listening)}")
        _run(settings, app, listening, address[1], lines)


def _run(
    settings: Settings, app: ASGIApp, listening: socket.socket, port: int, lines: Lines
) -> None:
    requests = Requests()
    server = Server(config(Counted(app, requests, ROUTE)))
    board = Board(Process.DASHBOARD, requests.read, publication(settings.published_dir))
    health = Health(server.loop.dead, lambda: unpublished(settings.published_dir))
    with ops(settings, board, health, lines, port):
        server.run(sockets=[listening])


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except WarehouseError as error:
        raise click.ClickException(str(error)) from error


def config(app: ASGIApp) -> uvicorn.Config:
    """The server's ways. A proxy on this machine may tell the client's address."""
    return uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="none", lifespan="off", log_config=None,
        access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S, backlog=BACKLOG)
