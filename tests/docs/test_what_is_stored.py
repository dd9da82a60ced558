"""docs/explanation/what-is-stored.md: what it says is kept, and what it says is not."""

import asyncio
import logging
import re
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from pipeline.collector.app import create_collector
from pipeline.collector.cli import config
from pipeline.collector.publishing import Publisher
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.roster import Teacher
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch
from pipeline.schemas.topics import DAY_MS, TOPICS
from pipeline.settings import ROOT, Settings
from tests.collector.memory import Memory
from tests.collector.serving import KEY, Clock

TEXT = (ROOT / "docs" / "explanation" / "what-is-stored.md").read_text(encoding="utf-8")
NOT_OF_A_VIEWER = {"replays"}
ADDRESS = "203.0.113.77"
AGENT = "Mozilla/5.0 (unmistakable)"


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(topic_prefix="test.", partitions=4, platform_key=SecretStr(KEY), linger_ms=1,
                    var_dir=tmp_path_factory.mktemp("var"), token_secret=SecretStr("s" * 32))


def test_every_topic_about_viewers_is_named() -> None:
    for topic in TOPICS:
        assert topic.name in NOT_OF_A_VIEWER or f"`{topic.name}`" in TEXT, topic.name


def test_every_field_that_a_player_fills_is_named() -> None:
    for model in (TelemetryBatch, QuizEvent):
        for name, field in model.model_fields.items():
            assert name in ("v", "quizzes") or f"`{field.alias or name}`" in TEXT, name


def test_how_long_telemetry_is_kept() -> None:
    (kept,) = [topic.retention_ms for topic in TOPICS if topic.name == "telemetry"]
    assert set(re.findall(r"(\d+) days\b", TEXT)) == {str(kept // DAY_MS), "30"}


def test_rule_24_the_roster_has_no_further_field_of_a_person() -> None:
    assert set(Teacher.model_fields) == {
        "v", "kind", "teacher_id", "school_id", "at", "registered", "name", "stage", "subject"}


def test_neither_addresses_nor_devices_nor_tokens_are_kept(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    memory = Memory(settings)
    token = asyncio.run(_play(settings, memory))
    kept = b"".join(value for _, _, value, _ in memory.sent).decode(
        errors="replace") + caplog.text
    raws = [rejection.raw.decode() for rejection in memory.rejections()]
    assert memory.events() == 2
    assert len(raws) == 3
    for secret in (ADDRESS, AGENT, token, "zh-Hant-TW", "session=abc"):
        assert secret not in kept
        assert all(secret not in raw for raw in raws)
    assert any("王" in raw for raw in raws), "of a wrong event all is kept, as the page says"
    assert "李" not in kept, "of a good one only what the protocol asks for"


async def _play(settings: Settings, memory: Memory) -> str:
    """Posts with all that browsers and proxies add; the token."""
    app = create_collector(settings, load_catalogue(settings.programmes_dir),
                           Publisher(settings, memory), Clock())
    beat = {"type": "heartbeat", "seq": 1, "from": 0, "to": 10, "rate": 1, "name": "李"}
    wrong = beat | {"seq": 2, "to": -1, "name": "王"}
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "Referer": f"http://{ADDRESS}/",
               "Accept-Language": "zh-Hant-TW", "Cookie": "session=abc"}
    transport = httpx.ASGITransport(app, client=(ADDRESS, 4711))
    async with (app.router.lifespan_context(app), httpx.AsyncClient(
            transport=transport, base_url="http://collector", headers=headers) as http):
        opened = await http.post("/v1/plays", headers={"Authorization": f"Bearer {KEY}"},
                                 json={"teacher_id": "t1", "resource_id": "ideals-01"})
        token: str = opened.json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        await http.post("/v1/events", headers=bearer, json={"events": [beat, wrong]})
        left = {"token": token, "events": [beat | {"seq": 3}, wrong | {"seq": 4}]}
        await http.post("/v1/events", json=left)
        await http.post("/v1/events", json={"token": token, "events": "none"})
    return token


def test_the_collector_has_no_access_log_and_trusts_no_proxys_address(settings: Settings) -> None:
    served = config(SimpleNamespace(), settings)
    assert not served.access_log
    assert not served.proxy_headers
