"""`xueshi rejections` as it is called, on the topics of a test."""

import pytest
from click.testing import CliRunner, Result
from kafka import KafkaProducer

from audit.rejections_cli import rejections
from pipeline.schemas.rejections import Rejection
from pipeline.settings import Settings


def point_at(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let the command's own settings be these."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", settings.kafka_bootstrap_servers or "")
    monkeypatch.setenv("XUESHI_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("XUESHI_PARTITIONS", str(settings.partitions))
    monkeypatch.setenv("XUESHI_VAR_DIR", str(settings.var_dir))


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(rejections, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(*arguments: str) -> list[str]:
    """The lines of the standard output of a call that succeeds."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def error_of(*arguments: str) -> str:
    """The one line that a call which fails says."""
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


def put(settings: Settings, topic: str, *values: bytes | Rejection | None,
        partition: int = 0) -> None:
    """Send to one partition, in order; wait until Kafka has all of it."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers,
                             max_request_size=2**26, compression_type="lz4")
    for value in values:
        raw = value.to_json() if isinstance(value, Rejection) else value
        producer.send(settings.topic(topic), raw, b"any", partition=partition)
    producer.flush()
    producer.close()
