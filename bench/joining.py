"""How long teachers' events wait when a worker joins, leaves or dies under load.

`python -m bench.joining`: one worker decides a steady stream; a second one is started, then
stopped by SIGTERM, started again, and killed. Each flush leaves a record of its progress in the
changelog, stamped by the broker: the longest time between two of them, of any partition, is the
pause. Events wait meanwhile; none is lost, and players notice nothing.
"""

import os
import signal
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
import orjson
from kafka import KafkaProducer

from audit.evidence import stored
from demo.environment import demo_settings, environment
from demo.processes import Process, running
from pipeline.agents.shard import PROGRESS
from pipeline.broker import local, ports, topics
from pipeline.clock import now_ms
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings

BEAT_MS = 15_000
RESOURCE = "ideals-01"
ROUND_S = 0.1


@dataclass(slots=True)
class Stream:
    """Every round each teacher plays on by a heartbeat, packed by partition."""

    settings: Settings
    kafka: str
    teachers: int
    opened_at: int
    length_ms: int
    sent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        places = defaultdict(list)
        for number in range(self.teachers):
            teacher = f"t{number:06}"
            places[partition_of(teacher, self.settings.partitions)].append(teacher)
        with KafkaProducer(bootstrap_servers=self.kafka) as producer:
            for round_ in range(10**9):
                if self.stop.wait(ROUND_S):
                    return
                for partition, teachers in places.items():
                    producer.send(self.settings.topic("telemetry"), self._batch(round_, teachers),
                                  partition=partition)
                self.sent += self.teachers

    def _batch(self, round_: int, teachers: list[str]) -> bytes:
        beats = self.length_ms // BEAT_MS
        session, start = f"s{round_ // beats}", round_ % beats * BEAT_MS
        at, n = self.opened_at + (round_ + 1) * BEAT_MS, len(teachers)
        return orjson.dumps({
            "v": 1, "received_at": [at] * n, "teacher_id": teachers, "resource_id": [RESOURCE] * n,
            "session_id": [f"{session}-{one}" for one in teachers],
            "opened_at": [self.opened_at + round_ // beats * beats * BEAT_MS] * n,
            "seq": [round_ % beats + 1] * n, "from": [start] * n, "to": [start + BEAT_MS] * n,
            "rate": [100] * n, "quizzes": []})


@contextmanager
def streaming(stream: Stream) -> Iterator[None]:
    thread = threading.Thread(target=stream.run)
    thread.start()
    try:
        yield
    finally:
        stream.stop.set()
        thread.join()


def pauses(settings: Settings, kafka: str, since: int, until: int) -> list[int]:
    """By partition, the longest time without a flush in [since, until), ms."""
    stamps: dict[int, list[int]] = {number: [since] for number in range(settings.partitions)}
    for record in stored(kafka, settings.topic("watching-changelog")):
        if record.key == PROGRESS and since <= record.at < until:
            stamps[record.partition].append(record.at)
    return [max(b - a for a, b in zip(found, [*found[1:], until], strict=True))
            for found in stamps.values()]


@contextmanager
def _worker(settings: Settings, port: int) -> Iterator[Process]:
    folder = settings.var_dir / f"worker-{port}-{time.monotonic_ns()}"
    with running([f"worker --port {port}"], environment(settings), folder) as (process,):
        yield process


@click.command()
@click.option("--teachers", default=400, show_default=True, help="Teachers at their players.")
@click.option("--partitions", default=8, show_default=True)
@click.option("--seconds", default=40.0, show_default=True, help="How long each part lasts.")
def joining(teachers: int, partitions: int, seconds: float) -> None:
    """Measure the pause of each partition when workers come and go."""
    base = Settings()
    kafka = local.bootstrap(base)
    settings = demo_settings(base, kafka, f"joining-{uuid.uuid4().hex[:8]}").model_copy(
        update={"partitions": partitions})
    topics.create(kafka, settings)
    try:
        _measure(settings, kafka, teachers, seconds)
    finally:
        topics.delete(kafka, settings.topic_prefix)


def _measure(settings: Settings, kafka: str, teachers: int, seconds: float) -> None:
    catalogue = load_catalogue(settings.programmes_dir)
    stream = Stream(settings, kafka, teachers, catalogue.programmes["2023-summer"].window.opens_at,
                    catalogue.resources[RESOURCE].duration_ms)
    second, _ = ports.free()

    def part(what: str) -> None:
        """A part begins with the event and lasts `seconds`; a flush's own delay ends it."""
        begun = now_ms()
        time.sleep(seconds)
        click.echo(_told(what, pauses(settings, kafka, begun, now_ms() - 2000)))

    with _worker(settings, settings.worker_port) as first, streaming(stream):
        _until_it_answers(settings, first)
        part("nothing happens")
        with _worker(settings, second) as guest:
            part("a second worker is started")
            guest.popen.terminate()
            part("it is stopped (SIGTERM)")
        with _worker(settings, second) as guest:
            part("it is started again")
            os.kill(guest.popen.pid, signal.SIGKILL)
            part(f"it is killed (sessions last {settings.session_timeout_seconds} s)")
    click.echo(f"{stream.sent:,} events, {stream.sent / seconds / 5:,.0f} a second")


def _until_it_answers(settings: Settings, first: Process) -> None:
    first.wait_ready(f"http://127.0.0.1:{settings.worker_port}/v1/teachers/nobody/progress")
    time.sleep(10)  # what had come in before is decided by then


def _told(what: str, found: list[int]) -> str:
    ordered = sorted(found)
    return (f"{what}: longest time without a flush of a partition: "
            f"{ordered[len(ordered) // 2] / 1000:.1f} s (median of {len(found)} partitions), "
            f"{ordered[-1] / 1000:.1f} s (the worst)")


if __name__ == "__main__":
    joining()
