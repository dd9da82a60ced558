"""What a rebuild takes out of the logs: all that the workers take, and in their order."""

import orjson
import pytest
from kafka import TopicPartition

from audit.rebuild.log import Log
from audit.reference.log import Answered, Played
from pipeline.broker.topics import connected
from pipeline.schemas.partitioning import partition_of
from pipeline.settings import Settings
from tests.agents.records import packed
from tests.audit.rebuilding import rebuilt, send

pytestmark = pytest.mark.kafka

HERE = next(f"t{n}" for n in range(100) if partition_of(f"t{n}", 4) == 0)
ELSEWHERE = next(f"t{n}" for n in range(100) if partition_of(f"t{n}", 4) != 0)
FIRST = Played("ideals-01", "s", 0, 2, 5000, 0, 5000, 100)
QUIZ = Answered("ideals-01", "s", 0, 1, 5000, "q1", {"1": "A"})
LATER = Played("ideals-01", "s", 0, 3, 4000, 0, 5000, 100)


def half_bad() -> bytes:
    """One good row, one whose rate is no number, one bad quiz."""
    body = orjson.loads(packed([(HERE, LATER), (HERE, LATER)]))
    return orjson.dumps({**body, "rate": [100, "fast"], "quizzes": [{"seq": 1}]})


def test_events_come_in_the_order_in_which_the_workers_take_them(settings: Settings) -> None:
    send(settings, "telemetry", [
        (0, packed([(HERE, QUIZ), (HERE, FIRST)])), (0, b"{"), (0, None), (0, half_bad()),
        (0, packed([(ELSEWHERE, FIRST)])), (1, packed([(HERE, FIRST)])),
    ])
    log = Log(settings, settings.kafka_bootstrap_servers or "")
    assert list(log.events(0)) == [(HERE, FIRST), (HERE, QUIZ), (HERE, LATER)]
    assert log.counts == {"events": 3, "unreadable": 4, "stranger": 1}
    assert log.lost == {}


def test_a_log_whose_beginning_is_gone_is_said(settings: Settings) -> None:
    send(settings, "telemetry", [(0, packed([(HERE, one)])) for one in (FIRST, QUIZ, LATER)])
    with connected(settings.kafka_bootstrap_servers or "") as admin:
        admin.delete_records({TopicPartition(settings.topic("telemetry"), 0): 2})
    said = rebuilt(settings, "--programme", settings.programmes_dir / "2023-summer.toml")
    assert said.notes == [
        "note: telemetry partition 0 begins at record 2: what was before is no longer stored,"
        " so what it earned is missing here"]
    assert said.lines[-1].startswith("1 events read")
