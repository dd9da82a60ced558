"""Rejections and their replay with real processes: nothing refused is lost, however large."""

import asyncio
import random
import time
from pathlib import Path

import orjson
import pytest

from audit.rejections.records import Found
from audit.rejections.selection import Place, PlaceError
from audit.rejections.shelf import Shelf
from pipeline.collector.publishing import Publisher
from pipeline.collector.sorting import Sorter
from pipeline.collector.tokens import Play
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.rejections import Reason, joined
from pipeline.settings import Settings
from tests import hostile
from tests.audit.rejecting import call, point_at, put, told
from tests.collector.memory import Memory
from tests.warehouse.helpers import entry
from tests.warehouse.live import eventually, in_snapshot, loading, send_ledger
from tests.worker.feed import ledger_without_repeats, watch_together
from tests.worker.test_hostile import PROGRAMME
from tests.worker.test_worker import wait_until_caught_up, worker

TEACHERS = [f"t{number}" for number in range(20)]
MAX_RECORD = 4 * 2**20 - 1000  # what the topics take, and its headers


@pytest.fixture
def programmes(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a programme that has video-1 and video-2; commands and workers use it."""
    point_at(monkeypatch, settings)
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "small.toml").write_text(PROGRAMME, encoding="utf-8")
    monkeypatch.setenv("XUESHI_PROGRAMMES_DIR", str(folder))
    return folder


def seconds_of(settings: Settings, teacher: str) -> int:
    book = ledger_without_repeats(settings).get((teacher, "2023-summer"), [])
    return sum(entry.seconds for entry in book)


@pytest.mark.kafka
def test_rule_19_after_the_programme_file_is_mended_a_replay_gives_the_credit(
    settings: Settings, programmes: Path
) -> None:
    complete = load_catalogue(programmes)
    file = programmes / "small.toml"
    file.write_text(PROGRAMME[: PROGRAMME.rindex("[[courses.resources]]")], encoding="utf-8")
    watch_together(settings, complete, complete.resources["video-1"], TEACHERS)
    watch_together(settings, complete, complete.resources["video-2"], TEACHERS, hour=2)
    with worker(settings, settings.worker_port) as first:
        wait_until_caught_up(settings, first)
    assert {seconds_of(settings, teacher) for teacher in TEACHERS} == {600}
    early = call("replay", "--reason", "unknown_resource")
    assert early.exit_code == 1
    assert "sent 0 rejections, 0 events" in early.stdout
    assert "mend what is wrong first (unknown_resource)" in early.stderr
    file.write_text(PROGRAMME, encoding="utf-8")
    assert told("replay", "--reason", "unknown_resource", "--teacher", "t0")[-1] == (
        "sent 40 rejections, 41 events")
    assert told("replay", "--reason", "unknown_resource")[-1] == "sent 760 rejections, 779 events"
    with worker(settings, settings.worker_port) as second:
        wait_until_caught_up(settings, second)
    assert {seconds_of(settings, teacher) for teacher in TEACHERS} == {1200}
    assert told("count", "--by", "topic")[-1].split() == ["in", "all", "800", "820"]


def refused_at(settings: Settings, place: Place) -> list[Found]:
    shelf = Shelf(settings, settings.kafka_bootstrap_servers or "")
    deadline = time.monotonic() + 30
    while True:
        try:
            return shelf.at(place)
        except PlaceError:
            assert time.monotonic() < deadline, "it was never refused"
            time.sleep(0.2)


@pytest.mark.kafka
def test_rule_19_the_largest_records_are_kept_whole_and_stop_no_worker(
    settings: Settings, programmes: Path
) -> None:
    """In base64 each is larger than any record that Kafka takes."""
    noise = random.Random(5).randbytes(MAX_RECORD)
    bomb = b'{"v":1,"teacher_id":"' + b" " * 20_000_000  # 80 KB on the wire
    rows = 60_000
    bad_rows = orjson.dumps(hostile.batch(rows, seq=[0] * rows))  # four times as large as rows
    put(settings, "telemetry", noise, bomb, bad_rows, noise)
    catalogue = load_catalogue(programmes)
    watch_together(settings, catalogue, catalogue.resources["video-1"], TEACHERS)
    with worker(settings, settings.worker_port) as process:
        wait_until_caught_up(settings, process)
    for offset, raw in enumerate((noise, bomb)):
        [kept] = refused_at(settings, Place("telemetry", 0, offset))
        assert (kept.rejection.reason, kept.rejection.raw) == (Reason.MALFORMED, raw)
    [kept] = refused_at(settings, Place("telemetry", 0, 2))
    assert kept.rejection.count == rows
    assert len(orjson.loads(kept.rejection.raw)) == rows
    assert len(kept.rejection.raw) > 2 * len(bad_rows)
    assert {seconds_of(settings, teacher) for teacher in TEACHERS} == {600}


@pytest.mark.kafka
def test_rule_19_the_largest_records_are_kept_whole_and_stop_no_loader(
    settings: Settings,
) -> None:
    noise = random.Random(6).randbytes(MAX_RECORD)
    put(settings, "ledger", *[noise] * 3)
    with loading(settings) as process:
        [kept] = refused_at(settings, Place("ledger", 0, 2))
        assert process.poll() is None
    assert kept.rejection.raw == noise


@pytest.mark.kafka
def test_a_run_of_refused_records_rings_and_stops_no_good_one(settings: Settings) -> None:
    put(settings, "ledger", *[b"garbage"] * 60)
    with loading(settings) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "ALARM" in line)
        send_ledger(settings, [entry("t1", 1, "started")])
        eventually(lambda: in_snapshot(settings, "SELECT count(*) FROM ledger") == [(1,)])
    assert ("ALARM rejections: loader: input is broken: 100.0 % of 60 events in the last 60 s "
            "refused (malformed 60); look at `xueshi rejections count`") in line


def test_rule_19_what_the_collector_refuses_is_kept_whole(tmp_path: Path) -> None:
    """A number may be four times as long when it is written out."""
    (tmp_path / "p.toml").write_text(PROGRAMME, encoding="utf-8")
    settings = Settings(programmes_dir=tmp_path)
    play = Play(teacher_id="t1", resource_id="video-1", session_id="s1", opened_at=1,
                expires_at=3)
    body = b'{"events":[[' + b",".join([b"1e15"] * 200_000) + b"]]}"
    post = Sorter(load_catalogue(tmp_path), play, 2).sort(body, 10)
    [whole] = post.rejections
    transport = Memory(settings)
    asyncio.run(Publisher(settings, transport).publish(play, post, len(body)))
    assert joined(transport.rejections()) == whole
    assert len(transport.rejections()) == 2
    assert max(len(value) for _, _, value, _ in transport.sent) < 3 * 2**20
