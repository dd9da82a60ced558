"""`xueshi collector`."""

import asyncio
import gc
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import click
import uvicorn

from pipeline import serving
from pipeline.broker import local, wire
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.collector import connections
from pipeline.collector.app import SettingTooLargeError, create_collector
from pipeline.collector.kafka import Kafka
from pipeline.collector.publishing import Publisher
from pipeline.collector.team import Team
from pipeline.logs.setup import set_up
from pipeline.metrics.board import Board
from pipeline.metrics.catalogue import collector as collector_metrics
from pipeline.metrics.metric import Process, Sample
from pipeline.metrics.ops import Health, ops
from pipeline.rules.programme import ProgrammeError
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import SettingMissingError, Settings

# A stop may take 10 s: first 5 s of patience with Kafka, then what is left gets its answers.
PATIENCE_WITH_KAFKA_S = 5.0
GRACE_S = 7
PORT_SETTING = "XUESHI_COLLECTOR_PORT"
YOUNG_OBJECTS = 20_000   # before the garbage collector looks for cycles among them


@click.command()
@click.option("--host", help="Address to bind.  [default: XUESHI_COLLECTOR_HOST]")
@click.option("--port", type=click.IntRange(1, 65535),
              help="Port to bind.  [default: XUESHI_COLLECTOR_PORT]")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True,
              help="How many serve, side by side on the port: one for each core to be used.")
def collector(host: str | None, port: int | None, processes: int) -> None:
    """Take in what players post over HTTP, and hand it to Kafka.

    Runs until it is told to stop (SIGTERM, Ctrl-C), then answers what it has begun. It starts
    without Kafka too, and answers 503 until Kafka is there. One of several processes that dies is
    replaced; each has limits and a connection to Kafka of its own.
    """
    settings = Settings()
    lines = set_up(settings, "collector", {"": "WARNING", "xueshi": "INFO"})
    lines.addFilter(Seldom("aiokafka", 10.0))
    lines.addFilter(Seldom(connections.LOG.name, 1.0))
    address = host or settings.collector_host, port or settings.collector_port
    with _clear_errors(), _listening(address, processes) as sockets:
        server, board = _server(settings)
        _spare_collections()
        with suppress(OSError):  # the log's disk may be full: posts are taken all the same
            click.echo(f"collector listens at http://{serving.shown(sockets[0])}")

        def serve(one: socket.socket) -> None:
            """The first process's port of metrics is the collector's, the next one's the next."""
            with ops(settings, board, _health(server), lines, address[1] + sockets.index(one)):
                server.run(sockets=[one])

        if processes == 1:
            serve(sockets[0])
        else:
            Team(sockets, serve).run()


def _health(server: "Server") -> Health:
    return Health(server.loop.dead, lambda: server.loop.ask(server.publisher.shortcomings))


@contextmanager
def _listening(address: tuple[str, int], processes: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as open_ones:
        sockets = ([serving.listen(*address, PORT_SETTING)] if processes == 1 else
                   serving.listen_together(*address, processes, PORT_SETTING))
        for one in sockets:
            open_ones.enter_context(one)
        yield sockets


class Server(serving.Server):
    """Ends without waiting for a Kafka that is away."""

    def __init__(self, config: uvicorn.Config, publisher: Publisher) -> None:
        super().__init__(config)
        self.publisher = publisher

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(PATIENCE_WITH_KAFKA_S, self.publisher.give_up)
        await super().shutdown(sockets)


def _server(settings: Settings) -> tuple[Server, Board]:
    servers = wire.named(settings) or local.start(settings)
    catalogue = load_catalogue(settings.programmes_dir)
    kafka = Kafka(servers, settings.kafka_timeout_seconds)
    publisher = Publisher(settings, kafka)
    app = create_collector(settings, catalogue, publisher, now_ms)
    board = Board(Process.COLLECTOR, publisher.counts.read,
                  lambda: publisher.waiting().read(),
                  lambda: [Sample(collector_metrics.CONNECTED, kafka.connected)])
    return Server(config(app, settings), publisher), board


def config(app: object, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="uvloop",
        http=connections.protocol(settings.max_connections),  # type: ignore[arg-type]
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing depends on the client's address
        # The connection lasts from one heartbeat to the next.
        timeout_keep_alive=settings.heartbeat_seconds + 15,
        timeout_graceful_shutdown=GRACE_S,
        backlog=serving.BACKLOG,
    )


def _spare_collections() -> None:
    """What is there before the first post stays for ever, and a post leaves no cycles behind, but
    looking for them took a fifth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


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
