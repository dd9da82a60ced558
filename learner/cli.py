"""`xueshi learner`."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
import uvicorn
from starlette.types import ASGIApp

from learner.app import create_learner
from pipeline.clock import now_ms
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.serving import BACKLOG, Server, listen, shown
from pipeline.settings import SettingMissingError, Settings
from pipeline.web.site import LOOPBACK

GRACE_S = 8


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
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    address = host or settings.learner_host, port or settings.learner_port
    with _clear_errors():
        app = create_learner(settings, load_catalogue(settings.programmes_dir), now_ms)
    _require_safe(settings, address[0])
    with listen(*address, "XUESHI_LEARNER_PORT") as listening:
        click.echo(f"learner listens at http://{shown(listening)}")
        Server(config(app)).run(sockets=[listening])


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
