"""The loader as its own process, and Kafka from a test's side."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import duckdb
from kafka import KafkaProducer

from pipeline.schemas.base import Record
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings
from tests.warehouse.helpers import rows
from tests.watched import watched
from warehouse.snapshot import ask

COMMAND = [sys.executable, "-c", "from warehouse.cli import loader; loader()"]


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": str(settings.kafka_bootstrap_servers),
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_VAR_DIR": str(settings.var_dir),
        "XUESHI_LAND_SECONDS": "0.1",
    }


@contextmanager
def loading(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A loader process."""
    with watched(COMMAND, env=environment(settings), stderr=subprocess.PIPE) as process:
        yield process


def until_landed(process: subprocess.Popen[str]) -> None:
    """Wait for the next landing of the process."""
    assert process.stderr is not None
    assert any("landed" in line for line in process.stderr), "it ended without landing"


def ended(settings: Settings) -> subprocess.CompletedProcess[str]:
    """A loader that is expected to end by itself."""
    return subprocess.run(COMMAND, env=environment(settings), capture_output=True, text=True,
                          timeout=60, check=False)


@contextmanager
def producing(settings: Settings) -> Iterator[Any]:
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers, linger_ms=20, batch_size=100_000)
    try:
        yield producer
    finally:
        producer.close()


def send(
    settings: Settings, topic: str, values: Iterable[Record | bytes | None], partition: int = 0
) -> None:
    """Send to one partition, and wait until Kafka has all of it."""
    with producing(settings) as producer:
        for value in values:
            raw = value.to_json() if isinstance(value, Record) else value
            producer.send(settings.topic(topic), raw, key=b"any", partition=partition)
        producer.flush()


def send_ledger(settings: Settings, entries: Iterable[Any]) -> None:
    """Send each entry to its teacher's partition."""
    with producing(settings) as producer:
        for entry in entries:
            producer.send(
                settings.topic("ledger"), entry.to_json(), key=entry.teacher_id.encode(),
                partition=partition_of(entry.teacher_id, settings.partitions))
        producer.flush()


def eventually(what: Callable[[], bool], patience_s: float = 30.0) -> None:
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


def in_snapshot(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """What a fresh snapshot of the running loader, or its last one, says; [] before the first."""
    ask(settings, 5.0, Event())
    if not settings.snapshot_path.exists():
        return []
    with duckdb.connect(settings.snapshot_path, read_only=True) as db:
        return rows(db, sql)
