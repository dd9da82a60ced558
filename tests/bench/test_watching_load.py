"""The evening's truth is that of the rules, of the slow reference, and of a plain union."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import pytest

from audit.rebuild.log import entries
from audit.reference.history import Teacher
from audit.reference.log import Entry, Played
from audit.reference.stretches import NOTHING, Stretches, stretch
from bench.watching import plays
from bench.watching.checking import compare
from bench.watching.evening import is_cheat
from bench.watching.load import BEGINS_AT, Asked, Evening
from bench.watching.plays import Play, Video
from bench.watching.truth import Done, Full, Prefix, Truth
from pipeline.rules import watching
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.catalogue import read_catalogue

CATALOGUE = load_catalogue(Settings().programmes_dir)
ASKED = Asked(teachers=450, active=30, events=24_000, partitions=2, record_events=40,
              prefixes=(12_000,))
Decide = Callable[[Iterable[tuple[str, Entry]]], set[Done]]


class Made(NamedTuple):
    """A load: its records by partition, and its truth."""

    records: dict[int, list[TelemetryBatch]]
    truth: Truth

    def events(self, prefix: Prefix) -> Iterator[tuple[str, Entry]]:
        """With their teacher, in the order in which a worker takes them."""
        for partition, end in prefix.ends.items():
            for record in self.records[partition][:end]:
                yield from entries(record)


def make(asked: Asked) -> Made:
    evening = Evening(asked, read_catalogue(Settings().programmes_dir))
    records: dict[int, list[TelemetryBatch]] = defaultdict(list)
    for partition, value in evening.records():
        records[partition].append(TelemetryBatch.read(value))
    return Made(records, evening.truth)


@pytest.fixture(scope="module")
def made() -> Made:
    return make(ASKED)


def by_the_rules(events: Iterable[tuple[str, Entry]]) -> set[Done]:
    viewers: dict[str, watching.Viewer] = defaultdict(watching.Viewer)
    done = set()
    for teacher, entry in events:
        news: list[watching.Milestone] = []
        of_play = (entry.resource_id, entry.session_id, entry.opened_at, entry.seq,
                   entry.received_at)
        if isinstance(entry, Played):
            beat = watching.Heartbeat(*of_play, entry.start, entry.end, entry.rate)
            watching.hear(viewers[teacher], CATALOGUE, beat, news)
        else:
            handed = watching.QuizAnswers(*of_play, entry.quiz_id, entry.answers)
            watching.hand_in(viewers[teacher], CATALOGUE, handed, news)
        done |= {(teacher, one.programme_id, one.resource_id)
                 for one in news if one.status == "done"}
    return done


def by_the_reference(events: Iterable[tuple[str, Entry]]) -> set[Done]:
    teachers: dict[str, Teacher] = defaultdict(Teacher)
    for teacher, entry in events:
        teachers[teacher].take(CATALOGUE, entry)
    return {(teacher, *place) for teacher, one in teachers.items() for place in one.done}


def by_union(events: Iterable[tuple[str, Entry]]) -> set[Full]:
    """The peers' job, as plainly as can be."""
    watched: dict[Full, Stretches] = defaultdict(lambda: NOTHING)
    for teacher, entry in events:
        if isinstance(entry, Played):
            place = (teacher, entry.resource_id)
            watched[place] = watched[place].union(stretch(entry.start, entry.end))
    return {place for place, seen in watched.items()
            if seen.length >= CATALOGUE.resources[place[1]].duration_ms - 2000}


@pytest.mark.parametrize("decide", [by_the_rules, by_the_reference])
def test_what_is_done_is_done(made: Made, decide: Decide) -> None:
    for prefix in made.truth.prefixes:
        assert made.truth.done_in(prefix) == decide(made.events(prefix))
    assert len(made.truth.done) > 200


def test_what_is_full_is_full(made: Made) -> None:
    for prefix in made.truth.prefixes:
        assert made.truth.full_in(prefix) == by_union(made.events(prefix))
    assert len(made.truth.full) > 150


def by_farthest_place(events: Iterable[tuple[str, Entry]]) -> set[Full]:
    """Who came within the forgiven gap of the end has seen it all."""
    return {(teacher, one.resource_id) for teacher, one in events if isinstance(one, Played)
            and one.end >= CATALOGUE.resources[one.resource_id].duration_ms - 2000}


def by_the_sum(events: Iterable[tuple[str, Entry]]) -> set[Full]:
    """What was seen twice counts twice."""
    seen: Counter[Full] = Counter()
    for teacher, one in events:
        if isinstance(one, Played):
            seen[teacher, one.resource_id] += one.end - one.start
    return {place for place, sum_ in seen.items()
            if sum_ >= CATALOGUE.resources[place[1]].duration_ms - 2000}


def by_the_end_of_what_began_at_0(events: Iterable[tuple[str, Entry]]) -> set[Full]:
    """A stretch counts where it goes on from what was seen, and is forgotten otherwise."""
    until: Counter[Full] = Counter()
    for teacher, one in events:
        if isinstance(one, Played) and one.start <= until[teacher, one.resource_id]:
            until[teacher, one.resource_id] = max(until[teacher, one.resource_id], one.end)
    return {place for place, end in until.items()
            if end >= CATALOGUE.resources[place[1]].duration_ms - 2000}


@pytest.mark.parametrize(("naive", "fault"), [
    (by_farthest_place, "too many"), (by_the_sum, "too many"),
    (by_the_end_of_what_began_at_0, "missing"),
])
def test_it_is_found_out_if_an_engine_unites_no_stretches(
    made: Made, naive: Callable[[Iterable[tuple[str, Entry]]], set[Full]], fault: str
) -> None:
    for prefix in made.truth.prefixes:
        verdict = compare(naive(made.events(prefix)), made.truth.full_in(prefix))
        assert fault in (verdict.fault or "")


def test_it_is_found_out_if_a_record_is_lost(made: Made) -> None:
    """So the comparison can fail."""
    whole = made.truth.whole
    poorer = Made({p: [*some[:200], *some[201:]] for p, some in made.records.items()}, made.truth)
    assert by_the_rules(poorer.events(whole)) < made.truth.done_in(whole)
    assert by_the_reference(poorer.events(whole)) < made.truth.done_in(whole)
    assert by_union(poorer.events(whole)) < made.truth.full_in(whole)


def test_it_is_found_out_if_the_truth_believes_cheats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Play, "is_done", property(lambda play: play.is_full))
    naive = make(ASKED)
    claimed = naive.truth.done_in(naive.truth.whole)
    assert by_the_rules(naive.events(naive.truth.whole)) < claimed


def test_every_end_of_a_load_is_true() -> None:
    """Wherever it is cut, at whatever seed; several teachers come back and watch again."""
    for seed in range(6):
        few = make(Asked(teachers=24, active=12, events=3_000 + 500 * seed, partitions=3,
                         record_events=7, seed=seed, prefixes=(1_000, 2_000, 2_500)))
        assert len(few.truth.prefixes) == 4
        for prefix in few.truth.prefixes:
            assert few.truth.done_in(prefix) == by_the_rules(few.events(prefix))
            assert few.truth.full_in(prefix) == by_union(few.events(prefix))


def test_teachers_are_where_they_live_in_the_order_of_time(made: Made) -> None:
    assert ASKED.events <= made.truth.whole.events < ASKED.events * 1.02
    for partition, records in made.records.items():
        assert {partition_of(teacher, 2) for one in records for teacher in one.teacher_id} == {
            partition}
        times = [at for one in records for at in one.received_at]
        assert times == sorted(times)
        assert times[0] >= BEGINS_AT - 15_000
        assert {len(one.seq) for one in records[:-1]} == {40}


def test_a_prefix_has_the_events_it_says(made: Made) -> None:
    half, whole = made.truth.prefixes
    assert half.events == sum(1 for _ in made.events(half)) >= 12_000
    assert whole.events == sum(1 for _ in made.events(whole))
    assert (made.truth.prefix(12_000), made.truth.prefix(10**9)) == (half, whole)


def beats_of(made: Made) -> list[tuple[str, Played]]:
    return [(teacher, one) for teacher, one in made.events(made.truth.whole)
            if isinstance(one, Played)]


def test_the_shares_are_as_told(made: Made) -> None:
    beats = beats_of(made)
    times = Counter((one.session_id, one.seq) for _, one in beats)
    assert sum(number > 1 for number in times.values()) / len(times) == pytest.approx(
        0.02, abs=0.005)
    rates = {one.session_id: one.rate for _, one in beats}
    assert Counter(rates.values())[100] / len(rates) == pytest.approx(0.85, abs=0.08)
    assert {len(session) for session in rates} == {32}


def test_some_jump_ahead_and_come_back_and_some_leave_a_hole(made: Made) -> None:
    """A few per cent of the plays, some of them in several sessions."""
    backward = {(teacher, one.resource_id) for teacher, one in beats_of(made) if one.seq == 1
                and one.start > 0}
    full = made.truth.full_in(made.truth.whole)
    assert 0.02 < len(backward) / len({(t, one.resource_id) for t, one in beats_of(made)}) < 0.06
    assert backward & full
    assert by_farthest_place(made.events(made.truth.whole)) - full


def test_heartbeats_are_a_quarter_of_a_minute_apart_and_a_cheats_are_not(made: Made) -> None:
    sessions: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for teacher, one in beats_of(made):
        sessions[teacher, one.session_id].setdefault(one.seq, one.received_at)
    for (teacher, _), times in sessions.items():
        steps = {later - earlier for earlier, later in pairwise(times.values())}
        every = 100 if is_cheat(int(teacher[-8:])) else 15_000
        assert all(step % every == 0 and step > 0 for step in steps)
    cheats = {teacher for teacher, _ in sessions if is_cheat(int(teacher[-8:]))}
    assert cheats & {teacher for teacher, _ in made.truth.full}
    assert not cheats & {teacher for teacher, _, _ in made.truth.done}


def test_the_same_seed_makes_the_same_evening(made: Made) -> None:
    assert make(ASKED) == made
    assert make(replace(ASKED, seed=2)) != made


def test_the_video_is_as_the_programme_files_have_it() -> None:
    found = {one.id: one for one in plays.videos(read_catalogue(Settings().programmes_dir),
                                                 BEGINS_AT)}
    assert set(found["ideals-01"].programmes) == {"2023-ethics", "2023-summer"}
    assert found["teaching-01"].programmes == ("2023-summer",)
    for one in found.values():
        assert isinstance(one, Video)
        assert one.duration_ms == CATALOGUE.resources[one.id].duration_ms
