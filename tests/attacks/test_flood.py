"""The collector holds its ground: bounded memory and records, and honest players are served."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import orjson
import psutil
import pytest

from pipeline.schemas.rejections import Rejection
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests.attacks.flood import EXPECTED, PATIENCE_S, Flood, described, flooded
from tests.collector.processes import running
from tests.collector.test_transports import read

pytestmark = pytest.mark.kafka

PLAYERS = 10
CONNECTIONS = 150        # fewer than the slow ones alone would hold
MORE_MEMORY = 160 * 2**20
SOAK_S = float(os.environ.get("SOAK_SECONDS", "180"))


def survived(settings: Settings, seconds: float) -> tuple[Flood, int]:
    """What came of the flood, and by how many bytes the collector grew in it."""
    with running(settings, XUESHI_MAX_CONNECTIONS=str(CONNECTIONS)) as collector:
        collector.until_ready()
        pid = collector.process.pid
        before = psutil.Process(pid).memory_info().rss
        flood = asyncio.run(flooded(settings.collector_port, pid, seconds, PLAYERS))
        assert collector.http.get("/readyz").status_code == 200
    return flood, flood.rss - before


def assert_held(flood: Flood, grown: int, settings: Settings, seconds: float) -> None:
    figures = described(flood)
    assert flood.refused_honest == []
    assert len(flood.latencies) == flood.sent >= PLAYERS * seconds / 4, figures
    assert sorted(flood.latencies)[flood.sent * 99 // 100] < 5, figures
    assert grown < MORE_MEMORY, figures
    assert flood.without_retry_after == 0
    for name, answers in EXPECTED.items():
        assert answers <= set(flood.statuses[name]), (name, figures)
    assert set(flood.statuses.get("loris", {"408": 1})) <= {"408", "closed", "open"}
    assert_kept(flood, settings, seconds)


def assert_kept(flood: Flood, settings: Settings, seconds: float) -> None:
    """All that honest players were told is there; of the others no more than a teacher may have."""
    servers = str(settings.kafka_bootstrap_servers)
    teachers = [teacher for _, value, _ in read(servers, settings.topic("telemetry"))
                for teacher in TelemetryBatch.read(value).teacher_id]
    honest = [teacher for teacher in teachers if teacher.startswith("honest-")]
    assert len(honest) >= flood.sent     # sent again where a connection broke
    assert teachers.count("full") <= 5_000 + 10 * (seconds + PATIENCE_S)
    refused = [Rejection.model_validate_json(value)
               for _, value, _ in read(servers, settings.topic("rejections"))]
    kept: Counter[str | None] = Counter()
    for one in refused:
        kept[one.teacher_id] += len(one.raw) + 600
    assert any(str(teacher).startswith("garbage-") for teacher in kept)
    assert max(kept.values()) <= 2**20 + 256 * (seconds + PATIENCE_S)


def test_a_flood_of_every_kind_leaves_honest_players_alone(settings: Settings) -> None:
    flood, grown = survived(settings, 10)
    assert_held(flood, grown, settings, 10)


@pytest.mark.soak
def test_a_long_flood_leaves_memory_where_it_was(settings: Settings) -> None:
    """SOAK_SECONDS says how long. The figures go to a file beside the test's data."""
    flood, grown = survived(settings, SOAK_S)
    figures = described(flood) | {"grown_mib": grown // 2**20, "seconds": SOAK_S}
    Path(settings.var_dir / "flood.json").write_bytes(orjson.dumps(figures))
    assert_held(flood, grown, settings, SOAK_S)
