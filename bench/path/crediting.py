"""A real worker over topics that are full of completions."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import click
import orjson

from audit.evidence import stored
from bench.path.crowd import Crowd, Final
from bench.path.figures import Figures
from bench.path.ground import Ground, with_topics
from bench.path.part import Part, Work
from bench.path.sending import fill
from bench.path.whole import Spent, so_far
from demo.environment import environment
from demo.processes import Process, running
from pipeline.broker import lag, topics
from pipeline.settings import Settings

FORMS = {
    "records per CPU-second": ",.0f",
    "records per second (wall)": ",.0f",
    "wall, s": ",.1f",
    "CPU, s": ",.1f",
    "most memory, MiB": ",.0f",
}
TAKEN = ("completions", "enrolments")
MADE = ("ledger", "rejections", "watching-changelog", "crediting-changelog")
LOOK_S = 0.5
PATIENCE_S = 1800.0


class Entry(NamedTuple):
    """What the check needs of a ledger entry."""

    teacher_id: str
    seq: int
    kind: str
    course_id: str | None
    learned: int
    credited: int


@contextmanager
def crediting(ground: Ground) -> Iterator[Work]:
    """Fills the topics once; each run decides all of it anew."""
    settings, crowd = ground.settings("crediting"), ground.crowd_of(ground.size.credited)
    with with_topics(settings, ground.kafka):
        records = sum(fill(ground.kafka, settings.topic(name), getattr(crowd, name)())
                      for name in TAKEN)
        yield lambda: _run(settings, ground.kafka, crowd, records)


PART = Part("crediting", FORMS, crediting)


def _run(settings: Settings, kafka: str, crowd: Crowd, records: int) -> Figures:
    _forget(settings, kafka)
    begun = time.monotonic()
    with running(["worker"], environment(settings), settings.var_dir / "logs") as (worker,):
        spent = _until_decided(settings, kafka, worker, begun)
    require_right(_entries(settings, kafka), crowd)
    return {"records per CPU-second": records / spent.cpu_s,
            "records per second (wall)": records / spent.wall_s, "wall, s": spent.wall_s,
            "CPU, s": spent.cpu_s, "most memory, MiB": spent.memory_mb}


def _forget(settings: Settings, kafka: str) -> None:
    """Nothing is decided yet: no group, no state, an empty ledger.

    Raises:
        ClickException: Kafka does not forget the group.
    """
    group = settings.topic("worker")
    if lag.committed(kafka, group):
        with topics.connected(kafka) as admin:
            admin.delete_groups([group])
    if lag.committed(kafka, group):
        raise click.ClickException(f"Kafka still knows where {group} stood")
    for name in MADE:
        topics.delete(kafka, settings.topic(name))
    topics.create(kafka, settings)


def _until_decided(settings: Settings, kafka: str, worker: Process, begun: float) -> Spent:
    """All of it is committed, which comes after state and ledger are."""
    ends = lag.ends(kafka, map(settings.topic, TAKEN))
    group = settings.topic("worker")
    while time.monotonic() - begun < PATIENCE_S:
        spent = so_far(worker, begun)
        done = lag.committed(kafka, group)
        if all(done.get(place, 0) >= end for place, end in ends.items()):
            return spent
        time.sleep(LOOK_S)
    raise click.ClickException(f"not decided after {PATIENCE_S:.0f} s: {worker.log}")


def _entries(settings: Settings, kafka: str) -> Iterator[Entry]:
    for record in stored(kafka, settings.topic("ledger")):
        body = orjson.loads(record.value or b"{}")
        yield Entry(body["teacher_id"], body["seq"], body["kind"], body.get("course_id"),
                    body["learned"], body["credited"])


def require_right(entries: Iterable[Entry], crowd: Crowd) -> None:
    """Everybody stands in the ledger where they truly do, and its numbers have no hole.

    Raises:
        ClickException: somebody does not.
    """
    found, expected = finals(entries), crowd.finals
    wrong = [one for one in {*found, *expected} if found.get(one) != expected.get(one)]
    if wrong:
        one = min(wrong)
        raise click.ClickException(f"{len(wrong)} teachers stand wrong in the ledger, such as "
                                   f"{one}: {found.get(one)}, truly {expected.get(one)}")


def finals(entries: Iterable[Entry]) -> Mapping[str, Final | None]:
    """Where everybody stands after their last entry; None where numbers are missing."""
    people: dict[str, _Standing] = {}
    for entry in entries:
        people.setdefault(entry.teacher_id, _Standing()).take(entry)
    return {one: standing.final() for one, standing in people.items()}


class _Standing:
    """Repeats change nothing, whatever their order."""

    __slots__ = ("_completion", "_courses", "_seqs")

    def __init__(self) -> None:
        self._seqs = 1        # a bit for each number
        self._courses: dict[str, tuple[int, int, int]] = {}
        self._completion = (0, False)

    def take(self, entry: Entry) -> None:
        self._seqs |= 1 << entry.seq
        if entry.course_id:
            before = self._courses.get(entry.course_id, (0, 0, 0))
            self._courses[entry.course_id] = max(
                before, (entry.seq, entry.learned, entry.credited))
        elif entry.kind in ("completed", "reopened"):
            self._completion = max(self._completion, (entry.seq, entry.kind == "completed"))

    def final(self) -> Final | None:
        if self._seqs & (self._seqs + 1):  # not all ones
            return None
        courses = {course: (learned, credited)
                   for course, (_, learned, credited) in self._courses.items()}
        return Final(courses, self._completion[1])
