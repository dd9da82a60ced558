"""The worker: one Faust app with its topics, tables and agents, wired where all can see it."""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, NoReturn

import faust
from mode import CrashingSupervisor

from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting
from pipeline.agents.flushing import Send
from pipeline.agents.partitions import Partitions
from pipeline.agents.progress_api import ProgressApi, view
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.clock import now_ms
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Viewer
from pipeline.schemas.topics import COMPLETIONS, ENROLMENTS, LEDGER, TELEMETRY
from pipeline.settings import Settings

log = logging.getLogger("xueshi.worker")


@dataclass(frozen=True, slots=True)
class Worker:
    """The wired app and the parts of it that tests and commands look into."""

    app: faust.App
    watching: Partitions[Viewer]
    crediting: Partitions[Book]
    counts: Counter[str]


def create_app(settings: Settings, catalogue: Catalogue) -> Worker:
    """Wire the worker; nothing connects before it is run."""
    app = _faust_app(settings)
    counts: Counter[str] = Counter()
    watching = Partitions(
        take=Watching(catalogue, settings.topic(COMPLETIONS.name), counts).take,
        codec=viewer_codec(catalogue.clock), table=_table(app, "watching", settings),
        send=_sender(app), settings=settings, now=now_ms, die=die,
    )
    crediting = Partitions(
        take=Crediting(catalogue, ENROLMENTS.name, settings.topic(LEDGER.name)).take,
        codec=BOOK_CODEC, table=_table(app, "crediting", settings),
        send=_sender(app), settings=settings, now=now_ms, die=die,
    )
    telemetry = _topic(app, settings, TELEMETRY.name)
    app.agent(telemetry, name="watching")(watching.agent)
    decided = _topic(app, settings, COMPLETIONS.name, ENROLMENTS.name)
    app.agent(decided, name="crediting")(crediting.agent)
    _flush_regularly(app, settings, [watching, crediting])
    _serve_progress(app, settings, catalogue, watching, crediting)
    return Worker(app, watching, crediting, counts)


def _faust_app(settings: Settings) -> faust.App:
    """Faust with the settings that make it safe (each was read in its source, see ADR 2)."""
    return faust.App(
        settings.topic("worker"),
        broker="kafka://" + (settings.kafka_bootstrap_servers or "127.0.0.1:9092"),
        store="memory://",
        agent_supervisor=CrashingSupervisor,     # an error must end the process, not one agent
        topic_disable_leader=True,               # the leader topic is of no use here
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication,
        consumer_auto_offset_reset="earliest",   # a new group must not skip what is there
        consumer_max_fetch_size=8 * 2**20,
        broker_session_timeout=20.0,             # a dead worker is replaced after 20 s, not 60
        broker_heartbeat_interval=3.0,
        broker_max_poll_records=200,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=256,               # counts records; each holds many events
        producer_acks=-1,
        producer_request_timeout=30.0,           # the default of 20 minutes hides a dead broker
        producer_max_request_size=4 * 2**20,
        producer_compression_type="lz4",
        web_host=settings.worker_host,
        web_bind=settings.worker_host,
        web_port=settings.worker_port,
        canonical_url=f"http://{settings.worker_host}:{settings.worker_port}",
        web_tables_enabled=False,                # state is personal; only progress is served
    )


def _topic(app: faust.App, settings: Settings, *names: str) -> Any:
    """Raw bytes in, as only the agents may say what a bad record is."""
    return app.topic(*(settings.topic(name) for name in names), key_type=bytes, value_type=bytes,
                     key_serializer="raw", value_serializer="raw", allow_empty=True)


def _table(app: faust.App, name: str, settings: Settings) -> Any:
    return app.Table(
        name, key_type=bytes, value_type=bytes, partitions=settings.partitions,
        extra_topic_configs={"cleanup.policy": "compact", "max.message.bytes": str(4 * 2**20)},
    )


def _sender(app: faust.App) -> Send:
    async def send(topic: str, partition: int, key: bytes, value: bytes) -> Awaitable[object]:
        return await app.producer.send(topic, key, value, partition, None, None)

    return send


def _flush_regularly(
    app: faust.App, settings: Settings, all_partitions: list[Partitions[Any]]
) -> None:
    """Flush on a timer of our own: Faust's timers stop before it waits for the last acks."""

    async def flush_forever() -> None:
        while True:
            await asyncio.sleep(settings.flush_seconds)
            if app.tables.actives_ready and not app.rebalancing:
                _take_up_assigned(app, settings, all_partitions)
            for partitions in all_partitions:
                await partitions.flush()

    async def drop(*_: object, **__: object) -> None:
        for partitions in all_partitions:
            await _or_die(partitions.drop())

    async def run() -> None:
        await _or_die(flush_forever())

    app.task(run)
    app.on_partitions_revoked.connect(drop, weak=False)


def _take_up_assigned(
    app: faust.App, settings: Settings, all_partitions: list[Partitions[Any]]
) -> None:
    telemetry = settings.topic(TELEMETRY.name)
    assigned = {tp.partition for tp in app.consumer.assignment() if tp.topic == telemetry}
    for partitions in all_partitions:
        partitions.take_up(assigned)


def _serve_progress(
    app: faust.App, settings: Settings, catalogue: Catalogue,
    watching: Partitions[Viewer], crediting: Partitions[Book],
) -> None:
    changelog = f"{settings.topic('worker')}-watching-changelog"

    def owner(partition: int) -> str | None:
        if app.rebalancing or not app.tables.actives_ready:
            return None
        urls = [url for url, topics in app.router.tables_metadata().items()
                if partition in topics.get(changelog, ())]
        if not urls:
            return None
        return "" if urls[0] == str(app.conf.canonical_url) else urls[0]

    api = ProgressApi(catalogue, watching, crediting, settings.secret("platform_key"),
                      owner, lambda: app.http_client)
    app.page("/v1/teachers/{teacher_id}/progress", name="progress")(view(api))


async def _or_die(work: Coroutine[Any, Any, None]) -> None:
    """Run it; whatever goes wrong, memory may be ahead of Kafka, so the process must end."""
    try:
        await work
    except Exception as error:
        die(error)


def die(error: BaseException) -> NoReturn:
    """End the process at once, as a kill would, which is always safe to restart from."""
    log.error("unexpected", exc_info=error)
    log.critical("worker ends: %s: %s", type(error).__name__, error)
    logging.shutdown()
    os._exit(1)
