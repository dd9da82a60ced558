"""Where one run takes place: its settings, its processes, and the hands that faults have."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from chaos.broker import Broker
from chaos.group import Group, Members, NotSettledError
from chaos.load.expected import Expected
from chaos.supervisor import Program, Supervisor
from demo.environment import environment
from pipeline.broker import ports
from pipeline.settings import Settings

WORKERS = "worker"
OWNS = "owns partitions"  # a worker's log line when it has read its state back
SETTLE_S = 120.0
PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Stage:
    """`programs`: all that may run, by name; `workers`: how many do, unless a fault is at work;
    `expected`: what must be refused of what faults have sent.
    """

    settings: Settings
    broker: Broker
    supervisor: Supervisor
    group: Group
    programs: dict[str, Program]
    workers: int
    expected: list[Expected] = field(default_factory=list)

    def usual(self) -> list[str]:
        """Names of the programs that run unless a fault is at work."""
        spare = set([name for name in self.programs if name.startswith("worker-")][self.workers:])
        return [name for name in self.programs if name not in spare]

    def of(self, kind: str) -> list[str]:
        """Names of the programs of a kind that are to run."""
        return self.supervisor.names(kind)

    def settled(self) -> Members:
        """Wait until exactly the workers that are to run share the partitions.

        The group still counts a killed one for a while, so each must say itself what it owns.

        Raises:
            NotSettledError: it does not come to that in SETTLE_S.
        """
        names = self.of(WORKERS)

        def met(now: Members) -> bool:
            return now.stable and len(now.owned) == len(names) and all(map(self._owns, names))

        try:
            return self.group.wait(f"shared by {', '.join(names)}", met, SETTLE_S)
        except NotSettledError as error:
            last = [f"; {end.name} ended with {end.code}: {end.last_line}"
                    for end in self.supervisor.ends[-1:]]
            raise NotSettledError(f"{error}{''.join(last)}") from error

    def _owns(self, name: str) -> bool:
        return self.supervisor.pid(name) is not None and OWNS in self.supervisor.log(name)

    def topic(self, name: str) -> str:
        return self.settings.topic(name)


def stage_settings(base: Settings, folder: Path, kafka: str, prefix: str) -> Settings:
    """Settings of one run: its own topics and files, short times, so that much happens soon."""
    collector, worker = ports.free()
    return base.model_copy(update={
        "kafka_bootstrap_servers": kafka,
        "topic_prefix": prefix,
        "var_dir": folder.resolve(),
        "simulation": True,
        "partitions": PARTITIONS,
        "replication": 1,
        "buckets": 16,                # so that a flush writes several
        "hot_buckets": 8,             # and reads some back from their encoded form
        "flush_seconds": 0.5,
        "turn_seconds": 3.0,          # some flushes long: a kill finds buckets that wait for it
        "land_seconds": 0.5,
        "publish_seconds": 2.0,
        "session_timeout_seconds": 6,
        "kafka_timeout_seconds": 5.0,
        "platform_key": SecretStr(secrets.token_urlsafe(24)),
        "token_secret": SecretStr(secrets.token_urlsafe(48)),
        "collector_port": collector,
        "worker_port": worker,
    })


def programs(settings: Settings, workers: int, collectors: int) -> dict[str, Program]:
    """The processes of a run by name, each with a folder of its own."""
    chosen = distinct_ports(workers + collectors)
    some = [
        *(_program(settings, f"collector-{number}", "--port", str(chosen.pop()))
          for number in range(1, collectors + 1)),
        *(_program(settings, f"worker-{number}", "--port", str(chosen.pop()))
          for number in range(1, workers + 1)),
        _program(settings, "loader"),
        _program(settings, "publisher"),
    ]
    return {program.name: program for program in some}


def distinct_ports(number: int) -> list[int]:
    """So many free ports."""
    found: set[int] = set()
    while len(found) < number:
        found.update(ports.free())
    return sorted(found)[:number]


def _program(settings: Settings, name: str, *options: str) -> Program:
    """Workers keep nothing that another process needs: each has data of its own."""
    kind = name.partition("-")[0]
    folder = settings.var_dir / "processes" / name
    told = {**environment(settings), "PYTHONFAULTHANDLER": "1"}  # a crash says where
    if kind == WORKERS:
        told["XUESHI_VAR_DIR"] = str(folder / "var")
    return Program(name, ("-m", "pipeline", kind, *options), told, folder)


def url_of(program: Program) -> str:
    """Where it listens."""
    return f"http://127.0.0.1:{program.arguments[program.arguments.index('--port') + 1]}"


def wait_until(what: str, met: Callable[[], bool], patience_s: float, look_s: float = 0.2) -> float:
    """Wait until it is so; how many seconds that took. Raises TimeoutError."""
    begun = time.monotonic()
    while not met():
        if time.monotonic() - begun > patience_s:
            raise TimeoutError(f"not {what} after {patience_s:.0f} s")
        time.sleep(look_s)
    return time.monotonic() - begun
