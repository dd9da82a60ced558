"""What a worker's events cost as the number of teachers whose state it has grows.

The watching agent alone, as in `run`: what crediting does has a measurement of its own.
"""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from bench.states import Person, fill, people, person
from bench.watching.checking import completions
from bench.watching.load import Asked, load
from bench.watching.process import Cost
from bench.watching.track import Track
from bench.watching.truth import Done
from bench.watching.worker import decide, read_back_s
from pipeline.broker import lag, topics
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.topics import COMPLETIONS, WATCHING_CHANGELOG
from pipeline.settings import Settings

BEGINS_AT = round(datetime.fromisoformat("2023-08-25T19:00:00+08:00").timestamp() * 1000)
"""Late in the summer: most teachers have watched by then."""
VISIT_BEATS = 40    # ten minutes
AT_ONCE = 50        # one in so many teachers is at the player
EACH = 8            # teachers a bucket, as the setting advises
HOT = 8             # one in so many buckets may stay in memory, as of a country not all can


def evening(
    teachers: int, events: int, partitions: int, record_events: int, seed: int,
    at_once: int | None = None,
) -> Asked:
    """Teachers come in turn, as long as there are events: their states are looked up, and change.
    `at_once`: that many are at their players, instead of a share of all.
    """
    return Asked(teachers, at_once or max(1, teachers // AT_ONCE), events, partitions,
                 record_events, seed, begins_at=BEGINS_AT, visit_beats=VISIT_BEATS)


def sized(base: Settings, teachers: int) -> Settings:
    """The settings of a deployment of this size: what a teacher costs must not depend on it."""
    buckets = max(HOT, teachers // (EACH * base.partitions))
    return base.model_copy(update={"buckets": buckets, "hot_buckets": buckets // HOT})


@dataclass(frozen=True, slots=True)
class Stocked:
    """`found`: whose states the teachers have, `filled_mb`: MiB of them all."""

    track: Track
    found: list[Person]
    filled_mb: float

    def fault(self) -> str | None:
        """What is done this evening is done, or was before. More may be done than the evening
        alone brings about, as who leaves in the middle may have seen the rest before.
        """
        said = set(completions(self.track.kafka, self.track.settings.topic(COMPLETIONS.name)))
        missing = {one for one in self.track.truth.done_in(self.track.truth.whole) - said
                   if not self._was_done(one)}
        return f"{len(missing):,} missing, as {min(missing)}" if missing else None

    def _was_done(self, one: Done) -> bool:
        teacher_id, programme_id, resource_id = one
        return (programme_id, resource_id) in person(self.found, int(teacher_id[-8:])).done


class Growth(NamedTuple):
    """`changelog_mb`: MiB of the states before; `written`: the changelog's records since, nearly
    all of them buckets; `read_back_s`: seconds of the worker's start.
    """

    teachers: int
    events: int
    cost: Cost
    changelog_mb: float
    written: int
    read_back_s: float
    fault: str | None

    @property
    def us_per_event(self) -> float:
        """CPU microseconds an event, after the start."""
        return (self.cost.cpu_s - self.cost.until_ready_s) * 1e6 / self.events

    @property
    def buckets_per_event(self) -> float:
        """How many buckets were written an event."""
        return self.written / self.events

    def __str__(self) -> str:
        return (f"{self.teachers:,} teachers: {self.us_per_event:.1f} µs an event, "
                f"{1000 * self.buckets_per_event:.0f} buckets written a thousand, "
                f"{self.cost.memory_mb:,.0f} MiB, read back in {self.read_back_s:.1f} s"
                + (f", void: {self.fault}" if self.fault else ""))


@contextmanager
def stocked(
    base: Settings, asked: Asked, heartbeats: int, patience_s: float
) -> Iterator[Stocked]:
    """The evening, and the states of all teachers before it. Raises BrokerError."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}."
    settings = sized(base, asked.teachers).model_copy(update={"topic_prefix": prefix})
    try:
        track = load(settings, asked, patience_s)
        found = people(load_catalogue(settings.programmes_dir), settings, heartbeats,
                       asked.begins_at)
        written = asyncio.run(fill(settings, found, asked.teachers, [WATCHING_CHANGELOG]))
        yield Stocked(track, found, written / 2**20)
    finally:
        topics.delete(settings.kafka_bootstrap_servers or "", prefix)


def measure(base: Settings, asked: Asked, heartbeats: int, patience_s: float) -> Growth:
    """A worker of its own with the states of all teachers. Raises BrokerError."""
    with stocked(base, asked, heartbeats, patience_s) as stock:
        track = stock.track
        before = _changelog_end(track)
        command, cost = decide(track, f"growth-{asked.teachers}", alone=True)
        fault = stock.fault() if cost.code == 0 else (
            f"exit code {cost.code}: {command.last_words()}")
        return Growth(asked.teachers, track.truth.whole.events, cost, stock.filled_mb,
                      _changelog_end(track) - before, read_back_s(command.log), fault)


def _changelog_end(track: Track) -> int:
    """The sum of the ends of all its partitions."""
    topic = track.settings.topic(WATCHING_CHANGELOG.name)
    return sum(lag.ends(track.kafka, [topic]).values())


def table(done: Sequence[Growth]) -> str:
    """Markdown, a line a size."""
    head = ["teachers", "events", "µs of CPU an event", "buckets a thousand events",
            "most memory, MiB", "changelog, MiB", "read back, s"]
    rows = [[f"{one.teachers:,}", f"{one.events:,}", f"{one.us_per_event:.1f}",
             f"{1000 * one.buckets_per_event:.0f}", f"{one.cost.memory_mb:,.0f}",
             f"{one.changelog_mb:,.0f}", f"{one.read_back_s:.1f}"]
            for one in done if one.fault is None]
    void = [f"void: {one.teachers:,} teachers: {one.fault}" for one in done if one.fault]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join([*lines, *([""] if void else []), *void])


def told(one: Growth) -> dict[str, Any]:
    """All that was measured."""
    return {"teachers": one.teachers, "events": one.events, "fault": one.fault,
            "us_per_event": round(one.us_per_event, 2), **one.cost._asdict(),
            "changelog_mb": round(one.changelog_mb, 1), "written": one.written,
            "read_back_s": one.read_back_s}
