"""The worker: one Faust app with its topics, tables and agents, wired where all can see it."""

import asyncio
import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, cast

import faust
from faust.sensors.base import Sensor

from pipeline.agents.batches import Sending
from pipeline.agents.changelog import take_over
from pipeline.agents.crediting import BOOK_CODEC, Book, Crediting
from pipeline.agents.inputs import Inputs
from pipeline.agents.membership import Membership
from pipeline.agents.missed import missed
from pipeline.agents.partitions import Partitions, Take
from pipeline.agents.progress_api import ProgressApi, view
from pipeline.agents.reading_out import Agents, Group, agents, unready, verdicts
from pipeline.agents.shard import Codec, S
from pipeline.agents.tally import Tally
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import Watching
from pipeline.alarm import Alarms
from pipeline.broker import wire
from pipeline.clock import now_ms
from pipeline.logs.line import fields
from pipeline.metrics.board import Board
from pipeline.metrics.http import Requests
from pipeline.metrics.loop import Looped
from pipeline.metrics.metric import Process
from pipeline.metrics.ops import Health
from pipeline.rules.programme import Catalogue
from pipeline.rules.viewing import Viewing
from pipeline.schemas.topics import (
    ADJUSTMENTS,
    COMPLETIONS,
    CREDITING_CHANGELOG,
    ENROLMENTS,
    LEDGER,
    TELEMETRY,
    WATCHING_CHANGELOG,
)
from pipeline.settings import Settings

log = logging.getLogger("xueshi.worker")
CHANGELOGS = {"watching": WATCHING_CHANGELOG, "crediting": CREDITING_CHANGELOG}
INPUTS = {"watching": [TELEMETRY], "crediting": [COMPLETIONS, ENROLMENTS, ADJUSTMENTS]}


@dataclass(frozen=True, slots=True)
class Worker:
    """The wired app and the parts of it that tests and commands look into."""

    app: faust.App
    watching: Partitions[Viewing]
    crediting: Partitions[Book]
    counts: Counter[str]
    board: Board
    health: Health


def create_app(settings: Settings, catalogue: Catalogue, *, credits: bool = True) -> Worker:
    """Wire the worker; nothing connects before it is run. Without `credits` the crediting agent
    has no part in it, for whoever measures the watching agent alone.
    """
    app = _faust_app(settings)
    counts: Counter[str] = Counter()
    watching = _partitions(
        app, settings, "watching", viewer_codec(catalogue.clock),
        Watching(catalogue, settings.topic(COMPLETIONS.name), counts).take,
        settings.turn_seconds,
    )
    crediting = _partitions(
        app, settings, "crediting", BOOK_CODEC,
        Crediting(catalogue, settings.topic(LEDGER.name)).take,
    )
    working: list[Partitions[Any]] = [watching, crediting] if credits else [watching]
    group, requests = Group(), Requests()
    for agent in working:
        _read_and_flush(app, settings, agent)
    _follow_assignment(app, settings, working, group)
    _leave_tidily(app, working)
    _serve_progress(app, settings, catalogue, watching, crediting, requests)
    both: Agents = {"watching": watching, "crediting": crediting}
    board = Board(Process.WORKER, agents(both), group.read, verdicts(counts), requests.read)
    return Worker(app, watching, crediting, counts, board, _health(app, both))


def _health(app: faust.App, both: Agents) -> Health:
    loop = Looped()

    async def begun() -> None:
        loop.begun()

    app.task(begun)
    return Health(loop.dead, lambda: unready(both))


def _partitions(
    app: faust.App, settings: Settings, agent: str, codec: Codec[S], take: Take[S],
    turn_seconds: float = 0.0,
) -> Partitions[S]:
    bootstrap, tally = _bootstrap(settings), Tally()
    changelog = settings.topic(CHANGELOGS[agent].name)
    return Partitions(
        take=take, codec=codec, tally=tally,
        topics=[topic.name for topic in INPUTS[agent]], inputs=Inputs(bootstrap),
        flushed=cast(Membership, app.transport).flushed,
        take_over=partial(take_over, bootstrap, changelog, left=tally.recovery.left),
        missed=partial(missed, bootstrap),
        send=Sending(lambda: cast(Any, app.producer)._ensure_producer()), settings=settings,
        alarms=Alarms.of(settings, agent),
        now=now_ms, die=die, turn_seconds=turn_seconds,
    )


def _bootstrap(settings: Settings) -> str:
    return wire.named(settings) or "127.0.0.1:9092"


def _credentials(settings: Settings) -> Any:
    """As Faust wants to be told how Kafka is spoken to (broker/wire.py)."""
    spoken = wire.Security.of(settings)
    if spoken.protocol == "PLAINTEXT":
        return None
    if spoken.protocol == "SSL":
        return faust.SSLCredentials(spoken.context())
    return faust.SASLCredentials(username=spoken.user, password=spoken.revealed(),
                                 ssl_context=spoken.context(), mechanism=spoken.mechanism)


def _client_id(settings: Settings) -> str:
    return f"worker-{settings.worker_port}@{socket.gethostname()}"


def _faust_app(settings: Settings) -> faust.App:
    """Faust with the settings that make it safe (each was read in its source, see ADR 2)."""
    app = faust.App(
        settings.topic("worker"),
        broker="kafka://" + _bootstrap(settings),
        broker_credentials=_credentials(settings),
        datadir=settings.var_dir / "worker",
        topic_disable_leader=True,               # the leader topic is of no use here
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication,
        consumer_auto_offset_reset="earliest",   # a new group must not skip what is there
        consumer_max_fetch_size=1,               # nobody reads by it (agents/membership.py)
        broker_client_id=_client_id(settings),   # by which `xueshi lag` names an owner
        broker_session_timeout=float(settings.session_timeout_seconds),  # the default is 60 s
        broker_heartbeat_interval=settings.session_timeout_seconds / 6,
        broker_commit_interval=1.0,
        producer_acks=-1,
        producer_request_timeout=30.0,           # the default of 20 minutes hides a dead broker
        producer_max_batch_size=256 * 2**10,     # outcomes go by the batch (agents/batches.py)
        producer_max_request_size=4 * 2**20,
        producer_compression_type="zstd",        # aiokafka's LZ4 is the one that takes long
        web_host=settings.worker_host,
        web_bind=settings.worker_host,
        web_port=settings.worker_port,
        canonical_url=f"http://{settings.worker_host}:{settings.worker_port}",
        web_tables_enabled=False,                # state is personal; only progress is served
    )
    app.transport = Membership(app.conf.broker_consumer, app)
    return app


def _read_and_flush(app: faust.App, settings: Settings, agent: Partitions[Any]) -> None:
    """Decide on what comes in, and flush on a timer."""
    app.topics.add(app.topic(*map(settings.topic, agent.topics)))  # the group shares them out

    async def flush() -> None:
        while True:
            await asyncio.sleep(settings.flush_seconds)
            if agent.settled.is_set():
                await agent.flush()

    async def run() -> None:
        await _or_die(asyncio.gather(agent.read(), flush()))

    app.task(run)


def _follow_assignment(
    app: faust.App, settings: Settings, agents: list[Partitions[Any]], group: Group
) -> None:
    """Let go of partitions and take them over as Kafka's group says."""
    app.sensors.add(Commits(group))
    telemetry = settings.topic(TELEMETRY.name)
    moves: set[asyncio.Task[None]] = set()

    async def revoked(*_: object, **__: object) -> None:
        for agent in agents:
            await _or_die(agent.release())

    async def assigned(*given: Any, **_: object) -> None:
        group.rebalances += 1
        # Not awaited: reading state back may take seconds, in which the group must hear of us.
        partitions = {place.partition for place in given[1] if place.topic == telemetry}
        move = asyncio.create_task(_or_die(_own(agents, partitions)))
        moves.add(move)
        move.add_done_callback(moves.discard)

    app.on_partitions_revoked.connect(revoked, weak=False)
    app.on_partitions_assigned.connect(assigned, weak=False)


class Commits(Sensor):
    """Hears of every commit that Kafka has confirmed."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group

    def on_commit_completed(self, consumer: Any, state: Any) -> None:
        self._group.committed()


async def _own(agents: list[Partitions[Any]], partitions: set[int]) -> None:
    begun = time.monotonic()
    await asyncio.gather(*[agent.own(partitions) for agent in agents])
    took = time.monotonic() - begun
    log.info("owns partitions %s, read back in %.1f s", sorted(partitions), took,
             extra=fields(partitions=sorted(partitions), seconds=round(took, 3)))


def _leave_tidily(app: faust.App, agents: list[Partitions[Any]]) -> None:
    """Faust sends this before it commits for the last time and leaves the group."""

    async def leave(*_: object, **__: object) -> None:
        for agent in agents:
            await _or_die(agent.release())

    app.on_before_shutdown.connect(leave, weak=False)


def _serve_progress(
    app: faust.App, settings: Settings, catalogue: Catalogue,
    watching: Partitions[Viewing], crediting: Partitions[Book], requests: Requests,
) -> None:
    telemetry = settings.topic(TELEMETRY.name)

    def owner(partition: int) -> str | None:
        urls: list[str] = [url for url, topics in app.router.external_topics_metadata().items()
                           if partition in topics.get(telemetry, ())]
        if app.rebalancing or not urls:
            return None
        if urls[0] != str(app.conf.canonical_url):
            return urls[0]
        is_here = partition in watching.flushers and partition in crediting.flushers
        return "" if is_here else None

    api = ProgressApi(catalogue, watching, crediting, settings.secrets("platform_key"),
                      owner, lambda: app.http_client, now_ms)
    teacher = "/v1/teachers/{teacher_id}"
    app.page(f"{teacher}/progress", name="progress")(view(api.progress, requests, "progress"))
    app.page(f"{teacher}/resources/{{resource_id}}", name="resource")(
        view(api.resource, requests, "resource"))


async def _or_die(work: Awaitable[object]) -> None:
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
