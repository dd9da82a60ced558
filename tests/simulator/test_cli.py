from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.settings import Settings
from simulator.cli import describe, simulate
from simulator.http_player import Tally
from simulator.truth_file import read_truth
from tests.simulator.reading import read_topic


def invoke(monkeypatch: pytest.MonkeyPatch, settings: Settings, *arguments: str) -> Result:
    monkeypatch.setattr("simulator.cli.Settings", lambda: settings)
    return CliRunner().invoke(simulate, arguments)


@pytest.mark.kafka
def test_bulk_sends_and_writes_the_truth(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, kafka: str, tmp_path: Path
) -> None:
    file = tmp_path / "truth.jsonl"
    result = invoke(monkeypatch, settings, "--bulk", "--teachers", "20", "--seed", "3",
                    "--heartbeats", "2000", "--truth-out", str(file))
    assert result.exit_code == 0, result.output
    assert "heartbeats and" in result.output
    assert len(list(read_truth(file))) == 20
    assert read_topic(kafka, settings.topic("roster"))
    assert read_topic(kafka, settings.topic("telemetry"))


@pytest.mark.kafka
def test_a_collector_that_is_away_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("simulator.http_player.PATIENCE", 2)
    result = invoke(monkeypatch, settings, "--teachers", "3", "--heartbeats", "10",
                    "--collector", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "Error: the collector gives no answer" in result.output


@pytest.mark.parametrize(("arguments", "line"), [
    (("--teachers", "0"), "--teachers"),
    (("--teachers", "10", "--heartbeats", "9000000"), "10 teachers can watch no more than"),
])
def test_what_cannot_be_played_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...], line: str
) -> None:
    result = invoke(monkeypatch, Settings(var_dir=tmp_path), *arguments, "--bulk")
    assert result.exit_code != 0
    assert line in result.output


def test_no_programmes_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    result = invoke(monkeypatch, Settings(var_dir=tmp_path, programmes_dir=tmp_path), "--bulk")
    assert result.exit_code == 1
    assert "no programme file" in result.output


@pytest.mark.kafka
def test_without_a_platform_key_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    keyless = settings.model_copy(update={"platform_key": None})
    result = invoke(monkeypatch, keyless, "--teachers", "1", "--heartbeats", "10")
    assert result.exit_code == 1
    assert "set XUESHI_PLATFORM_KEY" in result.output


def test_the_summary_shows_what_was_not_expected() -> None:
    tally = Tally(heartbeats=40, posts=2, plays=1, retries=1, unexpected=1, examples=["t1 …"])
    tally.statuses.update({("events", 202): 1, ("events", 503): 1, ("garbage", 202): 1})
    tally.expected.update({("events", 202): 1, ("garbage", 422): 1})
    assert describe(tally).splitlines() == [
        "40 heartbeats in 2 posts of 1 plays; 1 sent again",
        "  events: 1 × 202",
        "  events: 1 × 503  (sent again)",
        "  garbage: 1 × 202  (unexpected)",
        "1 unexpected answers",
        "  t1 …",
    ]
