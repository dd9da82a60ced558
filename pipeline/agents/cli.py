"""`xueshi worker`: one process of watching and crediting agents."""

import errno
import socket
from typing import Any

import click

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.logs.setup import config, set_up
from pipeline.metrics.ops import ops
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import SettingMissingError, Settings

# Debug records that nobody reads took 14 % of a worker's time (design).
LEVELS = dict.fromkeys(("aiokafka", "faust", "kafka", "mode", "pipeline.app"), "WARNING")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535),
              help="Port of the progress API; default XUESHI_WORKER_PORT.")
def worker(port: int | None) -> None:
    """Decide full views and keep credited hours; start as many as there is load."""
    settings = Settings()
    if port is not None:
        settings = settings.model_copy(update={"worker_port": port})
    _require_free(settings.worker_host, settings.worker_port)
    lines = set_up(settings, "worker", LEVELS)
    made = _wired(settings)
    from pipeline.agents.process import run  # noqa: PLC0415  # Faust takes half a second

    with ops(settings, made.board, made.health, lines, settings.worker_port):
        run(made.app, config(lines, LEVELS))


def _require_free(host: str, port: int) -> None:
    """Say it now: Faust would end in the middle of its start with a traceback."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise click.ClickException(f"cannot listen on {host}:{port}: {error}") from error
        raise click.ClickException(
            f"port {port} of {host} is taken: choose another with --port") from error


def _wired(settings: Settings) -> Any:
    from mode.loop import use  # noqa: PLC0415  # must run before Faust is imported

    use("uvloop")
    from pipeline.app import create_app  # noqa: PLC0415  # imports Faust

    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        catalogue = load_catalogue(settings.programmes_dir)
        address = local.bootstrap(settings)
        found = settings.model_copy(update={"kafka_bootstrap_servers": address})
        return create_app(found, catalogue)
    except (BrokerError, OSError, ProgrammeError, SettingMissingError) as error:
        raise click.ClickException(str(error)) from error
