"""`xueshi collector`."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
import uvicorn

from pipeline import serving
from pipeline.broker import local, wire
from pipeline.broker.errors import BrokerError
from pipeline.clock import now_ms
from pipeline.collector.app import SettingTooLargeError, create_collector
from pipeline.collector.kafka import Kafka
from pipeline.collector.publishing import Publisher
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
    lines = set_up(settings, "collector", {"": "WARNING", "xueshi": "INFO"})
    lines.addFilter(Seldom("aiokafka", 10.0))
    address = host or settings.collector_host, port or settings.collector_port
    with _clear_errors(), serving.listen(*address, "XUESHI_COLLECTOR_PORT") as listening:
        server, board = _server(settings)
        health = Health(server.loop.dead, lambda: server.loop.ask(server.publisher.shortcomings))
        with suppress(OSError):  # the log's disk may be full: posts are taken all the same
            click.echo(f"collector listens at http://{serving.shown(listening)}")
        with ops(settings, board, health, lines, address[1]):
            server.run(sockets=[listening])


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
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing depends on the client's address
        # The connection lasts from one heartbeat to the next.
        timeout_keep_alive=settings.heartbeat_seconds + 15,
        timeout_graceful_shutdown=GRACE_S,
        backlog=serving.BACKLOG,
    )


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
