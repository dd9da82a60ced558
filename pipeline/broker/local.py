"""The door to Kafka: the one that the settings name, or a local one of one node."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.broker import health, launch, state, wire
from pipeline.broker.distribution import Progress
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings

ANSWER_PATIENCE_S = 10.0
STOP_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Status:
    """How the Kafka that the settings name is doing."""

    up: bool
    bootstrap: str | None
    detail: str


def bootstrap(settings: Settings, progress: Progress | None = None) -> str:
    """Bootstrap servers (host:port,…) of a Kafka that answers: those of KAFKA_BOOTSTRAP_SERVERS
    if set, else the local broker, which is started if it does not run.

    `progress` is told of the jars fetched on the very first start.

    Raises:
        BrokerError: the named Kafka does not answer, or none can be started.
    """
    given = wire.named(settings)
    if not given:
        return start(settings, progress)
    health.require(given, ANSWER_PATIENCE_S)
    return given


def start(settings: Settings, progress: Progress | None = None) -> str:
    """Start the local broker, or find the one that runs; its bootstrap server.

    It outlives the calling process.

    Raises:
        BrokerError: no jars, no Java, var/ is read-only, or the broker did not come up.
    """
    home = _home(settings)
    with _changing(home):
        running = _running(home)
        if running is None:
            _require_no_stray(home)
            return launch.launch(home, progress)
        if health.answers(running.bootstrap, ANSWER_PATIENCE_S):
            return running.bootstrap
    raise BrokerError(
        f"the local broker (pid {running.pid}) runs but does not answer at {running.bootstrap}: "
        "run `xueshi broker stop`, then try again"
    )


def stop(settings: Settings) -> bool:
    """Stop the local broker and wait until it is gone; False if none ran.

    Raises:
        BrokerError: it belongs to another user, or var/ is read-only.
    """
    home = _home(settings)
    with _changing(home):
        running = _running(home)
        ending = [running] if running else state.strays(home)
        for broker in ending:
            state.end(broker, STOP_PATIENCE_S)
    return bool(ending)


def status(settings: Settings) -> Status:
    """Looks only: starts nothing, writes nothing."""
    given = wire.named(settings)
    if given:
        return _status(given, "named by KAFKA_BOOTSTRAP_SERVERS")
    running = _running(_home(settings))
    if running is None:
        return Status(False, None, f"no local broker runs in {_home(settings)}")
    detail = f"Apache Kafka {running.version}, pid {running.pid}, {_home(settings)}"
    return _status(running.bootstrap, detail)


def running(settings: Settings) -> str:
    """Bootstrap servers of a Kafka that answers; starts none.

    Raises:
        BrokerError: none does.
    """
    found = status(settings)
    if found.up and found.bootstrap is not None:
        return found.bootstrap
    given = settings.kafka_bootstrap_servers
    raise BrokerError(
        f"Kafka at {given} (KAFKA_BOOTSTRAP_SERVERS) does not answer: start it, or correct the "
        "address" if given else f"{found.detail}: run `xueshi broker start`")


def lives(settings: Settings) -> bool:
    """Whether the local broker's process is there, which says nothing of its answers. A Kafka
    that the settings name is taken to be.
    """
    return bool(settings.kafka_bootstrap_servers) or _running(_home(settings)) is not None


def _status(servers: str, detail: str) -> Status:
    up = health.answers(servers, ANSWER_PATIENCE_S)
    return Status(up, servers, detail if up else f"{detail}; does not answer{wire.hint(servers)}")


def _home(settings: Settings) -> Path:
    return settings.var_dir.absolute() / "kafka"


def _require_no_stray(home: Path) -> None:
    for broker in state.strays(home):
        raise BrokerError(
            f"a broker that {home / state.FILE} does not know of runs there (pid {broker.pid}): "
            "run `xueshi broker stop`, then try again"
        )


def _running(home: Path) -> state.Started | None:
    started = state.recall(home)
    return started if started and state.process_of(started) else None


@contextmanager
def _changing(home: Path) -> Iterator[None]:
    """Alone in the folder: commands that start or stop at the same time wait for each other."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with state.locked(home):
            yield
    except OSError as error:
        raise BrokerError(
            f"cannot keep Kafka's data in {home}: {error.strerror or error}; "
            "make it writable, or set XUESHI_VAR_DIR to a folder that is"
        ) from error
