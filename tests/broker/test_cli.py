"""The commands: what they print, and their exit codes."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.broker import topics as admin
from pipeline.broker.cli import broker, topics
from pipeline.schemas.topics import TOPICS
from pipeline.settings import Settings

pytestmark = pytest.mark.kafka


def run(group: click.Group, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(group, arguments, env=environment)


def environment(settings: Settings, **others: str) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
        "XUESHI_TOPIC_PREFIX": settings.topic_prefix,
        "XUESHI_PARTITIONS": str(settings.partitions),
        **others,
    }


def test_status_fails_when_nothing_runs(tmp_path: Path) -> None:
    result = run(broker, "status", XUESHI_VAR_DIR=str(tmp_path))
    assert result.exit_code == 1
    assert result.stdout.startswith("down  -  no local broker runs in")
    assert list(tmp_path.iterdir()) == []


def test_start_and_status_of_a_given_kafka(settings: Settings) -> None:
    started = run(broker, "start", **environment(settings))
    assert (started.exit_code, started.stdout) == (0, f"{settings.kafka_bootstrap_servers}\n")
    status = run(broker, "status", **environment(settings))
    assert status.exit_code == 0
    assert status.stdout.startswith(f"up  {settings.kafka_bootstrap_servers}  ")


def test_a_kafka_that_does_not_answer_is_one_line_and_a_failure() -> None:
    for command in (broker, "start"), (topics, "create"), (topics, "check"):
        group, name = command
        assert isinstance(group, click.Group)
        result = run(group, str(name), KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
        assert result.stdout == ""


def test_stop_without_a_broker_is_fine(tmp_path: Path) -> None:
    result = run(broker, "stop", XUESHI_VAR_DIR=str(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "no local broker was running\n")


def test_check_fails_on_a_difference_and_create_mends_what_is_missing(settings: Settings) -> None:
    assert run(topics, "check", **environment(settings)).exit_code == 0
    admin.delete(settings.kafka_bootstrap_servers or "", settings.topic("ledger"))
    broken = run(topics, "check", **environment(settings))
    assert (broken.exit_code, broken.stderr) == (1, f"{settings.topic('ledger')}: missing\n")
    mended = run(topics, "create", **environment(settings))
    assert mended.exit_code == 0
    assert mended.stdout.startswith(f"created {settings.topic('ledger')}\n")


def test_create_fails_when_an_existing_topic_differs(settings: Settings) -> None:
    result = run(topics, "create", **environment(settings, XUESHI_PARTITIONS="5"))
    assert result.exit_code == 1
    assert f"{settings.topic('ledger')}: partitions is 4, should be 5" in result.stderr


def test_the_list_shows_every_topic_and_needs_no_kafka() -> None:
    result = run(topics, "list", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9", XUESHI_TOPIC_PREFIX="p.")
    assert result.exit_code == 0
    assert all(f"p.{topic.name}: {topic.meaning}" in result.stdout for topic in TOPICS)
