"""A rebuild of a small summer, cheats and duplicates and garbage in it, beside the live tables."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import pytest

from audit.rebuild.lateness import Lateness, lateness
from audit.rebuild.log import Log
from audit.rebuild.recompute import recompute
from audit.reference.log import Played
from demo.environment import environment
from demo.processes import Process, running
from pipeline.broker.producing import Producer, producing
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.adjustments import Grant
from pipeline.schemas.completions import Completion
from pipeline.schemas.enrolments import Enrolment
from pipeline.settings import Settings
from simulator.bulk import load
from simulator.comparison import Actual, compare
from simulator.play import enrol_late, register
from simulator.roles import CYCLE
from simulator.world import World, make_world
from tests.agents.records import packed
from tests.audit.rebuilding import own_topics, rebuilt, send, send_records

pytestmark = pytest.mark.kafka

PATIENCE_S = 60.0
STRANGER = "nobody-of-partition-0"


class Repeating:
    """A producer that delivers every record once, twice or three times."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._times = cycle([1, 2, 1, 3])

    def send(self, topic: str, value: bytes, key: str | None, partition: int) -> None:
        for _ in range(next(self._times)):
            self._producer.send(topic, value, key, partition)

    def flush(self) -> None:
        self._producer.flush()


@dataclass(frozen=True)
class Stage:
    """What runs, and the world that was played."""

    settings: Settings
    world: World
    processes: list[Process]

    def settle(self) -> None:
        """Wait until all that was sent is decided and published."""
        deadline = time.monotonic() + PATIENCE_S
        kafka = self.settings.kafka_bootstrap_servers or ""
        while lateness(self.settings, kafka) != Lateness(0, 0):
            for process in self.processes:
                process.require_running()
            assert time.monotonic() < deadline, "it never comes to rest"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def stage(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with own_topics(kafka, tmp_path_factory.mktemp("rebuild"), partitions=3) as settings:
        world = make_world(settings, teachers=CYCLE, seed=5, heartbeats=10_000)
        play(settings, kafka, world)
        names = ["worker", "loader", "publisher"]
        with running(names, environment(settings), settings.var_dir / "logs") as processes:
            made = Stage(settings, world, processes)
            made.settle()
            yield made


def play(settings: Settings, kafka: str, world: World) -> None:
    register(settings, kafka, world)
    with producing(kafka) as producer:
        load(Repeating(producer), settings, world, 300)  # type: ignore[arg-type]
    enrol_late(settings, kafka, world)
    send_records(settings, "enrolments", [
        Enrolment(teacher_id=granted(world), programme_id="2023-summer", at=1_690_000_000_000)])
    send_records(settings, "adjustments", [Grant(
        adjustment_id="g1", teacher_id=granted(world), programme_id="2023-summer", by="office",
        reason="taught the course", at=1_690_000_000_000, course_id="ideals", seconds=9000)])
    stranger = packed([(STRANGER, Played("ideals-01", "s", 0, 1, 0, 0, 1, 100))])
    send(settings, "telemetry", [(0, b"\xff"), (1, None), (2, b'{"v":9}'),
                                 *[(n, stranger) for n in range(settings.partitions)]])


def absent(world: World) -> list[str]:
    """Teachers who did nothing at all."""
    return [p.id for p in world.population.people if world.truth(p).role == "absent"]


def granted(world: World) -> str:
    """One to whom an office granted hours."""
    return absent(world)[-1]


def test_rule_14_what_is_rebuilt_is_the_truth(stage: Stage) -> None:
    settings = stage.settings
    catalogue = load_catalogue(settings.programmes_dir)
    log = Log(settings, settings.kafka_bootstrap_servers or "")
    courses: dict[tuple[str, str, str], tuple[int, int]] = {}
    recognised: dict[tuple[str, str], int] = {}
    for partition in log.partitions:
        for teacher_id, (figures,) in recompute(log, partition, [catalogue]):
            for figure, value in figures.items():
                place = (teacher_id, figure.programme_id, figure.place)
                learned, credited = courses.get(place, (0, 0))
                if figure.what == "learned":
                    courses[place] = (value, credited)
                elif figure.what == "credited":
                    courses[place] = (learned, value)
                elif figure.what == "recognised":
                    recognised[place[:2]] = value
    truth = [stage.world.truth(person) for person in stage.world.population.people]
    differing = compare(truth, Actual(courses, recognised))
    assert [(one.teacher_id, one.what, one.actual) for one in differing] == [
        (granted(stage.world), "credited", 5400), (granted(stage.world), "learned", 9000)]
    assert sum(learned for learned, _ in courses.values()) > 100_000
    assert (log.counts["unreadable"], log.counts["stranger"]) == (3, settings.partitions - 1)


def test_rule_14_nothing_differs_and_then_exactly_what_was_broken(stage: Stage) -> None:
    settings = stage.settings
    same = rebuilt(settings)
    assert same.lines[-1].endswith(", 0 differences"), same
    assert same.code == 0
    learner = absent(stage.world)[0]
    send_records(settings, "completions", [Completion(
        teacher_id=learner, programme_id="2023-summer", resource_id="teaching-01", status="done",
        at=1_690_000_000_123)])
    stage.settle()
    broken = rebuilt(settings)
    teaching = f"{learner} 2023-summer/teaching"
    assert sorted(line for line in broken.lines if line.startswith("t")) == [
        f"{teaching}-01: done_at never by the log, 2023-07-22T12:26:40.123+08:00 in the workers'"
        " table",
        f"{teaching}: credited 0 s by the log, 2707 s in the published files",
        f"{teaching}: credited 0 s by the log, 2707 s in the workers' table",
        f"{teaching}: learned 0 s by the log, 2707 s in the published files",
        f"{teaching}: learned 0 s by the log, 2707 s in the workers' table",
    ]
    assert broken.code == 1


def test_a_table_that_is_away_is_named_and_the_other_one_compared(stage: Stage) -> None:
    said = rebuilt(stage.settings, "--worker", "http://127.0.0.1:9", "--json")
    assert any("workers not compared: http://127.0.0.1:9 does not answer" in note
               for note in said.notes)
    tables = said.json[-1]["tables"]
    assert tables["workers"]["teachers"] == 0
    assert "does not answer" in tables["workers"]["away"]
    assert tables["published"]["teachers"] >= CYCLE
    assert said.code == (1 if tables["published"]["differ"] else 2)


@pytest.mark.parametrize(("change", "options", "message"), [
    ({"platform_key": None}, ["--table", "workers"], "XUESHI_PLATFORM_KEY is not set"),
    ({"platform_key": "another-key-0123456789"}, ["--table", "workers"], "does not accept the key"),
    ({"partitions": 2}, [], "has 3 partitions, not 2: set XUESHI_PARTITIONS=3"),
    ({"topic_prefix": "none."}, [], "no topic none.telemetry"),
    ({"kafka_bootstrap_servers": "127.0.0.1:9"}, [], "no Kafka answers at 127.0.0.1:9"),
    ({}, ["--table", "published", "--programme", __file__], "leave --table and --worker out"),
    ({}, ["--programme", __file__], "not TOML"),
])
def test_what_cannot_be_told_is_one_clear_line_and_exit_code_2(
    stage: Stage, change: dict[str, str], options: list[str], message: str
) -> None:
    settings = Settings.model_validate({**dict(stage.settings), **change})
    said = rebuilt(settings, *options)
    assert said.code == 2
    assert said.lines == []
    assert message in said.notes[-1]


def test_nothing_is_published_yet(stage: Stage) -> None:
    settings = stage.settings.model_copy(update={"var_dir": stage.settings.var_dir / "empty"})
    said = rebuilt(settings, "--table", "published")
    assert "nothing is published in" in said.notes[-1]
    assert said.code == 2
