"""xueshi's own engine: the real worker, with all its rules, and with crediting beside watching."""

import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kafka.errors import NonEmptyGroupError

from bench.watching.checking import compare, completions
from bench.watching.process import Command, Cost, run
from bench.watching.track import Run, Track, result
from demo.environment import environment
from pipeline.broker import lag, topics
from pipeline.broker.errors import BrokerError
from pipeline.broker.lag import Position
from pipeline.schemas.topics import COMPLETIONS, TELEMETRY, TOPICS
from pipeline.settings import ROOT, Settings

LEFT_S = 60.0
READ_BACK = "read back in"


@dataclass(frozen=True, slots=True)
class Worker:
    """`xueshi worker`, or its watching agent alone. It reads all of the load, and ends when it is
    told to. `events`: of the load that is made for it; `alone`: without the crediting agent, which
    has a measurement of its own.
    """

    name: str
    events: int
    alone: bool = True

    @property
    def reads_all(self) -> bool:
        return True

    def run(self, track: Track, number: int) -> Run:
        forget(track.settings)
        command, cost = decide(track, f"{self.name}-{number}", alone=self.alone)
        verdict = compare(completions(track.kafka, track.settings.topic(COMPLETIONS.name)),
                          track.truth.done_in(track.truth.whole))
        return result(self.name, track.truth.whole, command, cost, verdict)


def decide(
    track: Track, name: str, *, alone: bool = False, end: signal.Signals = signal.SIGTERM
) -> tuple[Command, Cost]:
    """Run a worker until all of the load is decided, and credited if it is not `alone`."""
    module = "bench.watching.alone" if alone else "pipeline"
    command = Command([sys.executable, "-m", module, "worker"], ROOT,
                      environment(track.settings), track.log(name))
    return command, run(command, track.patience_s, lambda: is_decided(track, alone=alone),
                        lambda: READ_BACK in command.log.read_text("utf-8", errors="replace"),
                        end)


def read_back_s(log: Path) -> float:
    """How long the worker took to read its state back, by its own log."""
    return max(map(float, re.findall(rf"{READ_BACK} ([\d.]+) s", log.read_text("utf-8"))))


def is_decided(track: Track, *, alone: bool = False) -> bool:
    """Whether the worker's group has committed the load, and unless watching is `alone`, all that
    came of it.
    """
    ends = {(track.telemetry, at): end for at, end in track.truth.whole.ends.items()}
    if not _covers(track, ends):
        return False
    return alone or _covers(track, lag.ends(track.kafka, [track.settings.topic(COMPLETIONS.name)]))


def _covers(track: Track, ends: dict[Position, int]) -> bool:
    done = lag.committed(track.kafka, _group(track.settings))
    return all(done.get(place, 0) >= end for place, end in ends.items())


def _group(settings: Settings) -> str:
    return settings.topic("worker")


def forget(settings: Settings) -> None:
    """No worker has ever run on this telemetry: its group is gone, all other topics are new.

    Raises:
        BrokerError: Kafka does not answer, or a worker is still in the group.
    """
    kafka = settings.kafka_bootstrap_servers or ""
    _delete_group(kafka, _group(settings))
    for topic in TOPICS:
        if topic is not TELEMETRY:
            topics.delete(kafka, settings.topic(topic.name))
    topics.create(kafka, settings)


def _delete_group(kafka: str, group: str) -> None:
    """A worker that has just ended may not be forgotten yet."""
    deadline = time.monotonic() + LEFT_S
    with topics.connected(kafka) as admin:
        while lag.patiently(lambda: admin.delete_groups([group]))[group] == (
            NonEmptyGroupError.__name__
        ):
            if time.monotonic() > deadline:
                raise BrokerError(f"{group} is not empty {LEFT_S:.0f} s after its last worker")
            time.sleep(0.5)
