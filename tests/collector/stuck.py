"""A collector whose Kafka takes records and never acknowledges any; patience is cut short."""

import asyncio

from pipeline.clock import now_ms
from pipeline.collector import cli
from pipeline.collector.app import create_collector
from pipeline.collector.publishing import Publisher
from pipeline.rules.programme_file import load_catalogue
from pipeline.serving import listen
from pipeline.settings import Settings
from tests.collector.memory import Memory


def main() -> None:
    settings = Settings()
    memory = Memory(settings)
    memory.let_go = asyncio.Event()
    publisher = Publisher(settings, memory)
    app = create_collector(settings, load_catalogue(settings.programmes_dir), publisher, now_ms)
    cli.PATIENCE_WITH_KAFKA_S = 0.3
    server = cli.Server(cli.config(app, settings), publisher)
    server.run(sockets=[
        listen(settings.collector_host, settings.collector_port, "XUESHI_COLLECTOR_PORT")])


if __name__ == "__main__":
    main()
