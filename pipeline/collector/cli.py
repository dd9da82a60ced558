"""`xueshi collector`."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
import uvicorn

from pipeline.broker import local
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.collector.app import SettingTooLargeError, create_collector
from pipeline.collector.kafka import Kafka
from pipeline.collector.publishing import Publisher
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import SettingMissingError, Settings

BACKLOG = 2048

# A stop may take 10 s: first 5 s of patience with Kafka, then what is left gets its answers.
PATIENCE_WITH_KAFKA_S = 5.0
GRACE_S = 7


@click.command()
@click.option("--host", help="Address to bind.  [default: XUESHI_COLLECTOR_HOST]")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Port to bind.  [default: XUESHI_COLLECTOR_PORT]")
def collector(host: str | None, port: int | None) -> None:
    """Take in what players post over HTTP, and hand it to Kafka.

    Runs until it is told to stop (SIGTERM, Ctrl-C), then answers what it has begun. It starts
    without Kafka too, and answers 503 until Kafka is there.
    """
    settings = Settings()
    _log_to_stderr()
    address = host or settings.collector_host, port or settings.collector_port
    with _clear_errors(), listen(*address) as listening:
        server = _server(settings)
        with suppress(OSError):  # the log's disk may be full: posts are taken all the same
            click.echo(f"collector listens at http://{_shown(listening)}")
        server.run(sockets=[listening])


class Server(uvicorn.Server):
    """Uvicorn, with an end of its own: exit code 0, and no wait for a Kafka that is away."""

    def __init__(self, config: uvicorn.Config, publisher: Publisher) -> None:
        super().__init__(config)
        self._publisher = publisher

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn would raise the signal again at the end, as if it had been killed; and one that
        comes when the loop is over would kill.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(PATIENCE_WITH_KAFKA_S, self._publisher.give_up)
        await super().shutdown(sockets)


def _server(settings: Settings) -> Server:
    servers = settings.kafka_bootstrap_servers or local.start(settings)
    catalogue = load_catalogue(settings.programmes_dir)
    publisher = Publisher(settings, Kafka(servers, settings.kafka_timeout_seconds))
    app = create_collector(settings, catalogue, publisher, now_ms)
    return Server(config(app, settings), publisher)


def config(app: object, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing depends on the client's address
        # The connection lasts from one heartbeat to the next.
        timeout_keep_alive=settings.heartbeat_seconds + 15,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, which alone makes the port ours.

    Raises:
        ClickException: the port is taken, or cannot be had.
    """
    try:
        return _listening(host, port)
    except OSError as error:
        raise click.ClickException(_unlistenable(host, port, error)) from error


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _unlistenable(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (f"port {port} on {host} is taken: stop what uses it, or choose another with "
                "--port or XUESHI_COLLECTOR_PORT")
    return (f"cannot listen on {host} port {port}: {error.strerror or error}: choose another with "
            "--host and --port")


def _shown(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING,
                        format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("xueshi").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Seldom("aiokafka", 10.0))


class Seldom(logging.Filter):
    """Lets one record of `name` through every `seconds`: without Kafka there are ten a second."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name)
        self._seconds = seconds
        self._last = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if not super().filter(record):
            return True
        if record.created - self._last < self._seconds:
            return False
        self._last = record.created
        return True


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (BrokerError, ProgrammeError, SettingMissingError, SettingTooLargeError) as error:
        raise click.ClickException(str(error)) from error
