"""One measurement: a fresh collector process, a load on it, and what both cost."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import httpx
import orjson
import psutil
from kafka import KafkaConsumer, TopicPartition
from pydantic import BaseModel

from bench.collector.generator import Found, Job
from bench.collector.load import ORIGIN
from demo.environment import environment
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import ROOT, Settings

READY_S = 30.0
PATIENCE_S = 120.0


class Source(NamedTuple):
    """A version of the collector: its name in tables, the folder it runs in, and how many
    processes serve."""

    name: str
    folder: Path
    processes: int = 1


class Figures(NamedTuple):
    """What one load came to. `cpu_s`: of all collector processes while it was measured, user and
    system; `kafka_cpu_s` likewise; `memory_mb`: VmHWM, all processes added up.
    """

    found: Found
    cpu_s: float
    kafka_cpu_s: float
    memory_mb: float

    @property
    def posts_per_s(self) -> float:
        return self.found.posts / self.found.seconds

    @property
    def posts_per_cpu_s(self) -> float:
        """Posts a second that one core, all its own, would take."""
        return self.found.posts / self.cpu_s


@contextmanager
def collector(source: Source, settings: Settings) -> Iterator[psutil.Process]:
    """The source's collector, ready to take posts."""
    command = [sys.executable, "-m", "pipeline", "collector"]
    if source.processes > 1:
        command += ["--processes", str(source.processes)]
    log = settings.var_dir / "collector.log"
    with log.open("wb") as out, subprocess.Popen(
        command, cwd=source.folder, stdin=subprocess.DEVNULL, stdout=out,
        stderr=subprocess.STDOUT, env=_told(source, settings),
    ) as popen:
        try:
            _until_ready(popen, settings, log)
            yield psutil.Process(popen.pid)
        finally:
            popen.terminate()


def _told(source: Source, settings: Settings) -> Mapping[str, str]:
    told = {**environment(settings), "PYTHONPATH": str(source.folder),
            "XUESHI_CORS_ORIGINS": orjson.dumps([ORIGIN]).decode()}
    if source.folder != ROOT:  # another version reads its own programme files
        del told["XUESHI_PROGRAMMES_DIR"]
    return told


def _until_ready(popen: "subprocess.Popen[bytes]", settings: Settings, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and popen.poll() is None:
        try:
            url = f"http://127.0.0.1:{settings.collector_port}/readyz"
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise click.ClickException(f"the collector is not ready: {log.read_text()[-500:]}")


def measure(job: Job, settings: Settings, process: psutil.Process, kafka: int | None) -> Figures:
    """Put the load on; `kafka`: the broker's process id, if it is ours."""
    broker = [psutil.Process(kafka)] if kafka else []
    with playing("bench.collector.generator", job, settings) as players:
        players.expect("measuring")
        serving = [process, *process.children(recursive=True)]
        before = cpu_s(serving), cpu_s(broker)
        players.expect("measured")
        after = cpu_s(serving), cpu_s(broker)
        found = Found.model_validate_json(players.line())
    return Figures(found, after[0] - before[0], after[1] - before[1],
                   sum(map(peak_mb, serving)))


class Players(NamedTuple):
    """A process of virtual players; it says on lines how far it is."""

    popen: "subprocess.Popen[bytes]"

    def line(self) -> bytes:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline()

    def expect(self, word: str) -> None:
        """Raises ClickException: it says something else, or nothing more."""
        if (line := self.line().strip()) != word.encode():
            raise click.ClickException(f"the players failed, and said {line!r}")


@contextmanager
def playing(module: str, job: BaseModel, settings: Settings) -> Iterator[Players]:
    """The module plays the job until the block ends, and then has ended.

    Raises:
        ClickException: it ended badly.
    """
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
                          env=dict(environment(settings))) as popen:
        assert popen.stdin is not None
        popen.stdin.write(job.model_dump_json().encode())
        popen.stdin.close()
        yield Players(popen)
    if popen.returncode != 0:
        raise click.ClickException(f"the players failed: exit code {popen.returncode}")


def cpu_s(processes: list[psutil.Process]) -> float:
    """User and system seconds used so far."""
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def peak_mb(process: psutil.Process) -> float:
    """The most memory it ever had, in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def stored(settings: Settings) -> int:
    """Events on the telemetry topic."""
    topic = settings.topic("telemetry")
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers,
                             fetch_max_bytes=64 * 2**20, max_partition_fetch_bytes=16 * 2**20)
    try:
        places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning()
        return _events_before(consumer, consumer.end_offsets(places))
    finally:
        consumer.close()


def _events_before(consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> int:
    found, deadline = 0, time.monotonic() + PATIENCE_S
    while any(consumer.position(place) < end for place, end in ends.items()):
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                batch = TelemetryBatch.read(record.value)
                found += len(batch.seq) + len(batch.quizzes)
        if time.monotonic() > deadline:
            raise click.ClickException("cannot read back what was stored")
    return found
