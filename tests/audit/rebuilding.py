"""Logs to rebuild from, on the real broker, and the command as a person calls it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from click.testing import CliRunner
from kafka import KafkaProducer
from pydantic import SecretStr

from audit.rebuild_cli import rebuild
from audit.reference.log import Entry
from demo.environment import environment
from pipeline.broker import ports, topics
from pipeline.schemas.base import Record
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings
from tests.agents.records import packed


@contextmanager
def own_topics(kafka: str, folder: Path, partitions: int) -> Iterator[Settings]:
    """Settings with topics of their own, for longer than one test."""
    collector_port, worker_port = ports.free()
    settings = Settings(
        kafka_bootstrap_servers=kafka, topic_prefix=f"test-{uuid4().hex[:12]}.",
        partitions=partitions, var_dir=folder, platform_key=SecretStr("platform-key-of-the-tests"),
        token_secret=SecretStr("token-secret-of-the-tests-0123456789"),
        collector_port=collector_port, worker_port=worker_port, publish_seconds=0.5,
        land_seconds=0.2, flush_seconds=0.2,
    )
    topics.create(kafka, settings)
    yield settings
    topics.delete(kafka, settings.topic_prefix)


def send(settings: Settings, topic: str, values: Iterable[tuple[int, bytes | None]]) -> None:
    """Send (partition, value) pairs in their order."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    for partition, value in values:
        producer.send(settings.topic(topic), value, b"any", partition=partition)
    producer.flush()
    producer.close()


def send_records(settings: Settings, topic: str, records: Iterable[Record]) -> None:
    """Send each to its teacher's partition."""
    send(settings, topic, [(partition_of(one.teacher_id, settings.partitions), one.to_json())  # type: ignore[attr-defined]
                           for one in records])


def send_events(settings: Settings, rows: Sequence[tuple[str, Entry]]) -> None:
    """Send each event, with its teacher, as a record of its own."""
    send(settings, "telemetry", [(partition_of(teacher, settings.partitions),
                                  packed([(teacher, entry)])) for teacher, entry in rows])


class Said(NamedTuple):
    """What the command said: its lines for people or machines, its notes, its exit code."""

    lines: list[str]
    notes: list[str]
    code: int

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def rebuilt(settings: Settings, *arguments: str | Path) -> Said:
    """`xueshi rebuild` with the settings in its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(settings).items():
            patch.setenv(name, value)
        result = CliRunner().invoke(rebuild, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.stdout.splitlines(), result.stderr.splitlines(), result.exit_code)
