"""What is measured of an engine, and that a figure is void where the engine was wrong."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import psutil
import pytest
from click.testing import CliRunner

from bench.watching import growth, peers, restart
from bench.watching.checking import compare
from bench.watching.cli import watching
from bench.watching.lengths import of_loads
from bench.watching.load import Asked, load
from bench.watching.peers import Missing, Peer, find
from bench.watching.process import Command, Cost, run
from bench.watching.table import table, told
from bench.watching.track import Engine, Run, Track
from bench.watching.worker import Worker
from pipeline.broker import topics
from pipeline.settings import ROOT
from tests.conftest import own_settings

ASKED = Asked(teachers=300, active=20, events=8_000, partitions=4, record_events=50,
              prefixes=(6_000,))
PATIENCE_S = 120.0


def command(tmp_path: Path, code: str) -> Command:
    return Command([sys.executable, "-c", code], tmp_path, {"TOLD": "yes"}, tmp_path / "log")


def test_a_process_costs_what_it_uses(tmp_path: Path) -> None:
    busy = """
import os, time
assert os.environ["TOLD"] == "yes"
some = bytearray(150 * 2**20)
begun = time.process_time()
while time.process_time() < begun + 1: pass
"""
    cost = run(command(tmp_path, busy), PATIENCE_S, is_ready=lambda: True)
    assert cost.code == 0
    assert 1 <= cost.cpu_s < 2 <= cost.wall_s + 1
    assert 150 < cost.memory_mb < 200
    assert cost.until_ready_s < 1


def test_the_memory_of_this_process_is_not_the_others(tmp_path: Path) -> None:
    mine = bytearray(300 * 2**20)
    assert run(command(tmp_path, "import time; time.sleep(0.5)"), PATIENCE_S).memory_mb < 50
    assert len(mine) == 300 * 2**20


def test_the_children_of_a_process_count(tmp_path: Path) -> None:
    child = "import time; some = bytearray(100 * 2**20)\\nwhile time.process_time() < 2: pass"
    parent = f"""
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-c", "{child}"]) for _ in range(2)]
sys.exit(sum(child.wait() for child in children))
"""
    cost = run(command(tmp_path, parent), PATIENCE_S)
    assert cost.code == 0
    assert cost.cpu_s > 3.5
    assert cost.memory_mb > 200


def test_what_cannot_end_by_itself_is_told_to(tmp_path: Path) -> None:
    begun = time.monotonic()
    endless = command(tmp_path, "import time; time.sleep(600)")
    cost = run(endless, PATIENCE_S, lambda: time.monotonic() > begun + 1)
    assert cost.code == -15


def test_what_does_not_end_in_time_is_killed_with_its_children(tmp_path: Path) -> None:
    endless = command(tmp_path, "import subprocess; subprocess.run(['sleep', '613'])")
    assert run(endless, 1.0).code == -9
    assert not [one for one in psutil.process_iter(["cmdline"])
                if one.info["cmdline"] == ["sleep", "613"]]


def test_repeats_are_counted_and_what_is_wrong_is_told() -> None:
    truth = {("a", "v"), ("b", "v")}
    assert compare([("a", "v"), ("b", "v"), ("a", "v")], truth) == (3, 1, None)
    assert compare([("a", "v")], truth).fault == "1 missing, as ('b', 'v')"
    assert compare([*truth, ("c", "v")], truth).fault == "1 too many, as ('c', 'v')"


def a_run(engine: str, cpu_s: float, fault: str | None = None) -> Run:
    return Run(engine, 1000, Cost(0, 20.0, cpu_s - 0.5, 0.5, 100.0), 2, fault)


def test_the_fastest_is_first_and_what_is_void_is_no_figure() -> None:
    runs = [a_run("slow", 4), a_run("fast", 1), a_run("slow", 2), a_run("fast", 1),
            a_run("fast", 0.1, "1 missing")]
    assert table(runs).splitlines() == [
        "| engine | events per CPU-second | wall, s | most memory, MiB | repeats | events | runs |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| fast | 1,000 (1,000–1,000) | 20.0 (20.0–20.0) | 100 (100–100) | 2 (2–2) | 1,000 | 2 |",
        "| slow | 375 (250–500) | 20.0 (20.0–20.0) | 100 (100–100) | 2 (2–2) | 1,000 | 2 |",
        "",
        "void: fast: 1 missing",
    ]
    assert told(runs[0])["events_per_cpu_s"] == 250


def test_growth_is_told_a_line_a_size() -> None:
    one = growth.Growth(1000, 10_000, Cost(0, 20.0, 1.0, 0.5, 100.0, 0.5), 3.0, 70, 1.5, None)
    assert growth.table([one, one._replace(fault="1 missing")]).splitlines()[2:] == [
        "| 1,000 | 10,000 | 100.0 | 7 | 100 | 3 | 1.5 |", "", "void: 1,000 teachers: 1 missing"]
    assert growth.told(one)["us_per_event"] == 100


def test_a_peer_that_is_not_there_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launchers = {"quix": ["python", "quix.py"], "flink": [sys.executable, "-jar", "target/f.jar"],
                 "by_shell": ["sh", "-c", "true"]}
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "engines.json").write_bytes(orjson.dumps(launchers))
    monkeypatch.setattr(peers, "PEERS", tmp_path)
    monkeypatch.setattr(peers, "PYTHON", tmp_path / ".venv-peers" / "bin" / "python")
    said = {name: find(name, 8_000) for name in ("quix", "flink", "by-shell", "none")}
    assert isinstance(said["by-shell"], Peer)
    assert [one.why.split(":")[0] for one in said.values() if isinstance(one, Missing)] == [
        f"no {tmp_path}/.venv-peers/bin/python", f"no {tmp_path}/python/target/f.jar",
        f"no engines.json in {tmp_path}/python or {tmp_path}/java has it"]


def test_who_reads_whatever_there_is_finds_no_more_than_it_is_to_read() -> None:
    engines: list[Engine] = [
        Worker("xueshi", 30), Peer("pathway-10s", [], ROOT, 20), Peer("flink", [], ROOT, 50),
        Peer("quix", [], ROOT, 10)]
    assert of_loads(engines) == {"xueshi": 30, "pathway-10s": 20, "flink": 50, "quix": 50}


def test_nothing_is_measured_where_there_is_no_engine() -> None:
    said = CliRunner().invoke(watching, ["run", "--engines", "none"])
    assert said.exit_code == 1
    assert "none is left out" in said.output
    assert "no engine" in said.output


@pytest.fixture(scope="module")
def track(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Track]:
    with own_settings(kafka, tmp_path_factory.mktemp("watching")) as settings:
        yield load(settings, ASKED, PATIENCE_S)


def peer(how: str, events: int = ASKED.events) -> Peer:
    return Peer("plain", [sys.executable, str(ROOT / "tests" / "bench" / "plain_peer.py"), how],
                ROOT, events, is_stopped=how == "linger")


@pytest.fixture(autouse=True)
def found_by_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.kafka
def test_the_worker_finds_what_is_done_each_time_and_no_more_than_that(track: Track) -> None:
    assert len(track.truth.done) > 60
    one = Worker("xueshi", ASKED.events).run(track, 1)
    assert (one.fault, one.cost.code, one.events) == (None, 0, track.truth.whole.events)
    assert 0 < one.cost.until_ready_s < one.cost.cpu_s
    more = {**track.truth.done, ("teacher-99", "2023-summer", "ideals-01"): 0}
    wrong = replace(track, truth=replace(track.truth, done=more))
    other = Worker("xueshi", ASKED.events).run(wrong, 2)
    assert other.fault == "1 missing, as ('teacher-99', '2023-summer', 'ideals-01')"
    assert other.repeats == 0  # nothing of the first run was left


@pytest.mark.kafka
@pytest.mark.parametrize(("how", "events", "expected"), [
    ("", 8_000, lambda one: one.fault is None and one.repeats == 0),
    ("", 6_000, lambda one: one.fault is None and 6_000 <= one.events < 6_200),
    ("linger", 8_000, lambda one: one.fault is None and one.cost.code == -15),
    ("repeat", 8_000, lambda one: one.fault is None and one.repeats == 1),
    ("lose", 8_000, lambda one: one.fault is not None and one.fault.startswith("1 missing")),
])
def test_a_peer_is_checked(
    track: Track, how: str, events: int, expected: Callable[[Run], bool]
) -> None:
    one = peer(how, events).run(track, os.getpid())
    assert expected(one), one
    with topics.connected(track.kafka) as admin:
        assert not [name for name in admin.list_topics() if "plain" in name]


@pytest.mark.kafka
def test_a_peer_that_fails_has_no_figure(track: Track) -> None:
    one = Peer("plain", [sys.executable, "-c", "raise SystemExit('no way')"], ROOT,
               8_000).run(track, 1)
    assert one.fault == "exit code 1: no way"


@pytest.mark.kafka
def test_growth_is_measured_with_the_states_of_all(kafka: str, tmp_path: Path) -> None:
    with own_settings(kafka, tmp_path) as settings:
        asked = growth.evening(500, 6_000, settings.partitions, 250, seed=1, at_once=50)
        assert asked.active == 50
        one = growth.measure(settings, asked, 100, PATIENCE_S)
        assert (one.fault, one.teachers) == (None, 500)
        assert one.changelog_mb > 0
        assert one.us_per_event > 0
        assert one.written > 0


@pytest.mark.kafka
def test_a_killed_workers_next_decides_again_what_no_state_had(
    kafka: str, tmp_path: Path
) -> None:
    with own_settings(kafka, tmp_path) as settings:
        asked = growth.evening(500, 6_000, settings.partitions, 250, seed=1, at_once=250)
        one = restart.measure(settings, asked, 100, PATIENCE_S)
        assert (one.fault, one.teachers) == (None, 500)
        assert 0 < one.again <= one.events
        assert one.read_back_s > 0
