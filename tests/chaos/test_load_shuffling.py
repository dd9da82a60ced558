"""Out of order and repeated: the truth and every refusal stay what they are."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.load.judging import Judge, claims
from chaos.load.shuffling import (
    APART_MS,
    LATEST_MS,
    Delivery,
    deliveries,
    shuffled,
    strands,
)
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.watching import MEMORY_MS
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.actions import Beat, Post
from simulator.bulk import Arrival, arrivals
from simulator.comparison import compare
from simulator.world import World, make_world
from tests.generated.profile import examples
from tests.simulator.deciding import Event, decide, of_arrival, of_batch

PARTITIONS = 3
REFUSALS = ("no_time_left", "bad_stretch")


@pytest.fixture(scope="module", params=[1, 3])
def world(request: pytest.FixtureRequest) -> World:
    return make_world(Settings(), teachers=120, seed=request.param, heartbeats=36_000)


def sent(world: World, seed: int = 5) -> list[Delivery]:
    return deliveries(arrivals(world), PARTITIONS, 200, random.Random(seed))


def events(records: list[Delivery]) -> Iterator[tuple[str, Event]]:
    """Partition by partition, as workers read them."""
    for record in sorted(records, key=lambda one: one.partition):
        yield from of_batch(TelemetryBatch.read(record.value))


def test_rule_14_the_truth_holds_out_of_order_and_repeated(world: World) -> None:
    actual, verdicts = decide(world, events(sent(world)))
    truth = [world.truth(person) for person in world.population.people]
    assert [str(difference) for difference in compare(truth, actual)] == []
    assert min(verdicts[one] for one in ("repeated", *REFUSALS)) > 100


def test_every_refusal_is_known_beforehand(world: World) -> None:
    records = sorted(sent(world), key=lambda one: one.partition)
    judge = Judge(load_catalogue(Settings().programmes_dir))
    expected = Counter(judge.reason(claim) for one in records for claim in claims(one.value))
    _, verdicts = decide(world, events(records))
    assert {reason: expected[reason] for reason in REFUSALS} == {
        reason: verdicts[reason] for reason in REFUSALS}
    assert sum(verdicts.values()) - sum(expected[reason] for reason in REFUSALS) == expected[None]


def test_posts_in_any_order_would_not_keep_the_truth(world: World) -> None:
    """Why sessions that are open together stay in order: else this load would prove nothing."""
    posts = list(arrivals(world))
    random.Random(1).shuffle(posts)
    actual, _ = decide(world, (event for post in posts for event in of_arrival(post)))
    truth = [world.truth(person) for person in world.population.people]
    assert any(set(one.behaviours) & {"two_devices", "late"} for one in compare(truth, actual))


def test_it_is_much_out_of_order_but_never_too_late(world: World) -> None:
    newest: dict[str, int] = {}
    late: dict[str, int] = {}
    for teacher, event in events(sent(world)):
        by = newest.get(teacher, 0) - event.received_at
        late[teacher] = max(late.get(teacher, 0), by)
        newest[teacher] = max(newest.get(teacher, 0), event.received_at)
    assert max(late.values()) <= LATEST_MS < MEMORY_MS
    assert sum(by > 3600 * 1000 for by in late.values()) > 5, "hours late"


def test_parts_of_one_video_come_in_the_wrong_order(world: World) -> None:
    """Whoever watches in parts, or passes the quiz later: the last session is often the first."""
    first: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for teacher, event in events(sent(world)):
        seen = first.setdefault((teacher, event.resource_id), [])
        if event.session_id not in {session for _, session in seen}:
            seen.append((event.opened_at, event.session_id))
    parts = [seen for seen in first.values() if len(seen) > 1]
    assert sum(seen != sorted(seen) for seen in parts) > len(parts) / 4 > 5


def test_every_record_is_delivered_once_to_three_times(world: World) -> None:
    times = Counter(Counter(one.value for one in sent(world)).values())
    assert set(times) == {1, 2, 3}
    assert sum(times.values()) > 100
    unique = {one.value for one in sent(world)}
    all_events = [(c.session_id, c.seq) for value in unique for c in claims(value)]
    wanted = Counter((a.session_id, event.seq) for a in arrivals(world) for event in a.post.events)
    assert Counter(all_events) == wanted, "nothing is left out, nothing added"


def test_the_same_seed_sends_the_same(world: World) -> None:
    assert sent(world) == sent(world) != sent(world, seed=6)


@st.composite
def lives(draw: st.DrawFn) -> list[Arrival]:
    """One teacher's sessions in the order of their posts, some of them open together."""
    found = []
    for session in range(draw(st.integers(1, 6))):
        opened_at = draw(st.integers(0, 400)) * 1000
        ats = sorted(draw(st.lists(st.integers(1, 100), min_size=1, max_size=4)))
        found += [Arrival(opened_at + at * 1000, "t", f"s{session}", "v", opened_at,
                          Post(0, "p", (Beat(seq, 0, 1, 100),)))
                  for seq, at in enumerate(ats, 1)]
    return sorted(found, key=lambda arrival: arrival.at)


@examples()
@given(lives())
def test_strands_never_compete_for_time(life: list[Arrival]) -> None:
    found = strands(life)
    assert sorted(arrival for strand in found for arrival in strand) == sorted(life)
    windows = sorted((min(a.opened_at for a in strand), max(a.at for a in strand))
                     for strand in found)
    assert all(end + APART_MS < start for (_, end), (start, _) in pairwise(windows))
    assert all(strand == [a for a in life if a in strand] for strand in found), "order kept"
    assert all(len({a.session_id for a in strand}) > 1 or _alone(strand, life)
               for strand in found)


def _alone(strand: list[Arrival], life: list[Arrival]) -> bool:
    """No post of the strand's one session is anywhere else."""
    return sum(a.session_id == strand[0].session_id for a in life) == len(strand)


@examples(50)
@given(lives(), st.integers(0, 99))
def test_each_session_is_sent_in_its_order(life: list[Arrival], seed: int) -> None:
    in_time = sorted(shuffled(life, random.Random(seed)), key=lambda one: one.at)
    by_session = sorted(in_time, key=lambda one: one.arrival.session_id)
    for session, some in groupby(by_session, key=lambda one: one.arrival.session_id):
        assert [one.arrival for one in some] == [a for a in life if a.session_id == session]
