"""Start everything, wait until it is ready, tell where it is, and stop it again in order."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from demo.draining import wait_until_published
from demo.environment import environment
from demo.errors import DemoError
from demo.leash import Leash, leashed
from demo.processes import ENDINGS, ProcessError, answers, running
from demo.up.account import NAME, made_account
from demo.up.people import records
from demo.up.place import alone, require_all
from demo.up.settings import OTHERS, address, ops_ports, up_settings
from pipeline.broker import local, topics
from pipeline.broker.producing import producing
from pipeline.broker.server import LOG
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.regions import load_regions
from pipeline.settings import Settings
from registry.importing import send

# Each with the path that answers once it is ready. They end in this order: first who asks others.
PROCESSES = {
    "demo-site": "/healthz", "collector": "/readyz", "worker": "/v1/teachers/nobody/progress",
    "loader": None, "publisher": None, "dashboard": "/healthz", "learner": "/healthz",
    "lag --serve": None,
}
PATIENCE_S = 180.0
LOOK_EVERY_S = 0.5
Say = Callable[[str], None]


class EndError(BaseException):
    """A signal said so. No KeyboardInterrupt: one that comes while a module is loaded would, even
    if it is caught, make Python itself end by SIGINT.
    """


def up(base: Settings, say: Say) -> None:
    """Run everything until SIGINT, SIGTERM or SIGHUP.

    Raises:
        DemoError, ProcessError, BrokerError, ProgrammeError, RegionError, NotDrainedError,
        WarehouseError, OSError: it could not start, or something ended.
    """
    with told_to_end() as heed, alone(base.var_dir / "up") as lock:
        settings = up_settings(base)
        catalogue = load_catalogue(settings.programmes_dir)
        require_all(settings)

        def require() -> None:
            heed()
            _require_kafka(settings)

        with leashed(_broker_stop(settings), keeps=[lock]) as leash, _kafka(settings, say) as kafka:
            told = settings.model_copy(update={"kafka_bootstrap_servers": kafka})
            _with_kafka(told, catalogue, leash, say, require)


@contextmanager
def told_to_end() -> Iterator[Callable[[], None]]:
    """The first of the signals ends the block without an error; no other one disturbs the end.

    What is given ends the block too, if a signal came: Python drops an error that arises where it
    calls back by itself, as it does for the locks of imports.
    """
    came: list[int] = []

    def heed() -> None:
        if came:
            raise EndError

    def end(told: int, _: FrameType | None) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        came.append(told)
        raise EndError

    before = {number: signal.getsignal(number) for number in ENDINGS}
    for number in ENDINGS:
        if number != signal.SIGHUP or before[number] != signal.SIG_IGN:  # nohup
            signal.signal(number, end)
    try:
        with suppress(EndError):
            yield heed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _broker_stop(settings: Settings) -> list[str]:
    """What stops the local Kafka if this process cannot."""
    if settings.kafka_bootstrap_servers:
        return []
    return ["env", f"XUESHI_VAR_DIR={settings.var_dir}", sys.executable, "-m", "pipeline",
            "broker", "stop"]


@contextmanager
def _kafka(settings: Settings, say: Say) -> Iterator[str]:
    if settings.kafka_bootstrap_servers:
        yield local.bootstrap(settings)
        return
    say("starting Kafka (the very first time its 43 MB are fetched) …")
    try:
        yield local.bootstrap(settings)
    finally:
        local.stop(settings)


def _with_kafka(
    settings: Settings, catalogue: Catalogue, leash: Leash, say: Say, require: Callable[[], None]
) -> None:
    """`require` raises where all has to end."""
    kafka = settings.kafka_bootstrap_servers or ""
    _furnish(settings, kafka, catalogue)
    say("starting everything else …")
    logs = settings.var_dir / "logs"
    ports = ops_ports(settings)
    metrics = {name: {"XUESHI_OPS_PORT": str(ports[name])} for name in OTHERS}
    with (running(list(PROCESSES), environment(settings), logs, leash, metrics) as processes,
          _ending(say)):

        def require_all_of_it(*_: int) -> None:
            require()
            for process in processes:
                process.require_running()

        _wait_until_ready(settings, require_all_of_it)
        wait_until_published(settings, kafka, require_all_of_it, PATIENCE_S)
        # No sooner: a password that a start did not come to show would be nobody's.
        say(_where(settings, made_account(settings)))
        while True:
            require_all_of_it()
            time.sleep(LOOK_EVERY_S)


@contextmanager
def _ending(say: Say) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):  # the terminal may be gone
            say("stopping everything …")


def _furnish(settings: Settings, kafka: str, catalogue: Catalogue) -> None:
    """Topics and roster."""
    topics.create(kafka, settings)
    with producing(kafka) as producer:
        names = load_regions(settings.regions_file)
        send(producer, settings, records(names, catalogue.programmes))


def _wait_until_ready(settings: Settings, require: Callable[[], None]) -> None:
    """Of all that serve HTTP; `require` raises if any process has ended meanwhile."""
    end = time.monotonic() + PATIENCE_S
    for command, path in PROCESSES.items():
        port = getattr(settings, f"{command.removeprefix('demo-')}_port", None)
        while path and port and not answers(f"{address(port)}{path}"):
            require()
            if time.monotonic() > end:
                raise DemoError(f"{command} is not ready after {PATIENCE_S:.0f} s: its log is "
                                f"{settings.var_dir / 'logs' / command}.log")
            time.sleep(LOOK_EVERY_S)


def _require_kafka(own: Settings) -> None:
    """`own`: without the address of the Kafka that was started for it."""
    if not local.lives(own):
        raise ProcessError(f"Kafka ended: its log is {own.var_dir / 'kafka' / LOG}")


def _where(settings: Settings, password: str | None) -> str:
    said = (f"password {password} (shown this once)" if password else
            "password as shown at the first start; a new one: "
            f"XUESHI_VAR_DIR={settings.var_dir} xueshi accounts passwd {NAME}")
    return (
        f"\nEverything runs. Watch a video at {address(settings.site_port)}\n\n"
        f"  demo platform   {address(settings.site_port)}   choose a demo teacher, no password\n"
        f"  teacher's page  {address(settings.learner_port)}   by the link 我的学时 there\n"
        f"  dashboard       {address(settings.dashboard_port)}   account {NAME}, {said}\n"
        f"  collector       {address(settings.collector_port)}\n"
        f"  worker          {address(settings.worker_port)}\n"
        f"  Kafka           {settings.kafka_bootstrap_servers}\n"
        f"  data            {settings.var_dir}   kept; take it away to begin anew\n"
        f"  logs            {settings.var_dir / 'logs'}\n"
        f"  metrics         for Prometheus: ops/prometheus/prometheus.yml\n\n"
        "For browsers of this machine only. Ctrl-C stops everything.\n")
