"""What all engines run on: a Kafka with the load on it, and the truth; and what a run came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from bench.watching.checking import Verdict
from bench.watching.process import Command, Cost
from bench.watching.truth import Prefix, Truth
from pipeline.schemas.topics import TELEMETRY
from pipeline.settings import Settings

SHORTEST_S = 0.01  # an engine that failed at once


@dataclass(frozen=True, slots=True)
class Track:
    """`settings`: whose telemetry topic has the load; `durations`: milliseconds by resource;
    `patience_s`: how long an engine may take.
    """

    settings: Settings
    truth: Truth
    durations: dict[str, int]
    patience_s: float

    @property
    def kafka(self) -> str:
        return self.settings.kafka_bootstrap_servers or ""

    @property
    def telemetry(self) -> str:
        return self.settings.topic(TELEMETRY.name)

    def file(self, name: str, content: Any) -> Path:
        """A file of JSON that an engine is told of."""
        path = self.settings.var_dir / name
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS))
        return path

    def log(self, name: str) -> Path:
        (self.settings.var_dir / "logs").mkdir(exist_ok=True)
        return self.settings.var_dir / "logs" / f"{name}.log"


class Run(NamedTuple):
    """One run of one engine. With a fault its figures are void."""

    engine: str
    events: int
    cost: Cost
    repeats: int
    fault: str | None

    @property
    def events_per_cpu_s(self) -> float:
        return self.events / max(self.cost.cpu_s, SHORTEST_S)


class Engine(Protocol):
    """What is measured."""

    @property
    def name(self) -> str: ...

    @property
    def events(self) -> int:
        """How many it reads at least."""
        ...

    @property
    def reads_all(self) -> bool:
        """Whether it does not end before the load does."""
        ...

    def run(self, track: Track, number: int) -> Run:
        """The run of this number, from a fresh state. Raises BrokerError."""
        ...


def result(
    name: str, prefix: Prefix, command: Command, cost: Cost, verdict: Verdict,
    good: Sequence[int] = (0,),
) -> Run:
    """A run that ended; `good`: exit codes of one that has gone well."""
    fault = verdict.fault
    if cost.code not in good:
        fault = f"exit code {cost.code}: {command.last_words()}"
    return Run(name, prefix.events, cost, verdict.repeats, fault)
