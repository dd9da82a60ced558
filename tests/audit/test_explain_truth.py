"""Everybody whom the simulator knows the truth of, from what stands on a real Kafka.

Every video that is done in truth is explained as done, everything else with the reason that the
teacher's way of going about it must have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from audit.evidence import stored
from audit.explain.explanation import Explanation, explain
from audit.explain.findings import Finding
from audit.explain.gather import Shelf, scan
from audit.explain.records import Evidence, enrolments
from audit.explain.spending import Cause
from audit.explain.states import State
from pipeline.broker.producing import producing
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason
from pipeline.settings import Settings
from simulator.behaviours import EARNING
from simulator.bulk import load
from simulator.planning import Plan
from simulator.play import enrol_late, register
from simulator.seasons import Step, counts_in
from simulator.world import World, make_world
from tests.audit.telling import finding
from tests.spec.story import moment

pytestmark = pytest.mark.kafka

NOW = moment("2023-08-31 12:00")
MAIN = "2023-summer"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be among the states, and among the causes of refusals, for a way of watching."""

    state: State
    reason: tuple[Reason, Cause | None] | None = None


GAPS, FAILED, TAIL = State.GAPS, State.QUIZ_FAILED, State.TAIL_NOT_WATCHED
OTHER_PLAYS = (Reason.NO_TIME_LEFT, Cause.OTHER_PLAYS)
FASTER = (Reason.NO_TIME_LEFT, Cause.FASTER_THAN_TIME)

WAYS: Mapping[str, Expected] = {
    "leaving": Expected(GAPS),
    "skipping": Expected(GAPS),
    "failing": Expected(FAILED),
    "skipping_tail": Expected(TAIL),
    "tail_before_quiz": Expected(TAIL),
    "two_at_once": Expected(GAPS, OTHER_PLAYS),
    "speed_script": Expected(GAPS, FASTER),
    "whole_film": Expected(GAPS, FASTER),
    "ten_tabs": Expected(GAPS, OTHER_PLAYS),
    "replaying": Expected(GAPS, FASTER),
    "claimed_score": Expected(FAILED),
    "beyond_the_end": Expected(State.ALL_REFUSED, (Reason.BAD_STRETCH, None)),
    # These never get past the collector, and bulk loading leaves them out.
    "forged_token": Expected(State.NOTHING_RECEIVED),
    "anothers_resource": Expected(State.NOTHING_RECEIVED),
    "garbage": Expected(State.NOTHING_RECEIVED),
    "first_half": Expected(GAPS),
    "second_half": Expected(GAPS),
}


@dataclass(frozen=True, slots=True)
class Summer:
    """One simulated summer on Kafka, and the explanations of all that anybody did."""

    world: World
    catalogue: Catalogue
    told: Mapping[tuple[str, str], Explanation]


@pytest.fixture
def summer(kafka: str, settings: Settings) -> Summer:
    world = make_world(settings, teachers=120, seed=3, heartbeats=36_000)
    register(settings, kafka, world)
    with producing(kafka) as producer:
        load(producer, settings, world, 60)
    enrol_late(settings, kafka, world)
    catalogue = load_catalogue(settings.programmes_dir)
    return Summer(world, catalogue, dict(_explanations(settings, kafka, world, catalogue)))


def _explanations(
    settings: Settings, kafka: str, world: World, catalogue: Catalogue
) -> Iterator[tuple[tuple[str, str], Explanation]]:
    """As `Shelf` does, though with the log read once for all."""
    log = list(stored(kafka, settings.topic("telemetry")))
    lists = list(stored(kafka, settings.topic("enrolments")))
    for person in world.population.people:
        partition = partition_of(person.id, settings.partitions)
        own = [record for record in log if record.partition == partition]
        events, _, extent = scan(own, person.id, "", None, len(own))
        enrolled = tuple(enrolments(lists, person.id))
        for resource_id in {step.resource.id for step in world.plan(person).steps}:
            found = Evidence(person.id, resource_id, tuple(events), (), enrolled,
                             extent=extent)
            yield (person.id, resource_id), explain(catalogue, found, NOW)


def test_every_teacher_of_a_summer_is_told_the_truth(
    kafka: str, settings: Settings, summer: Summer
) -> None:
    """One fixture, as it takes seconds: what is done, its credit, the reasons, and one by one."""
    seen: set[str] = set()
    for person in summer.world.population.people:
        plan = summer.world.plan(person)
        seen.update(_tell_of_all(summer, plan))
        _credit_adds_up(summer, plan)
    assert seen >= WAYS.keys() | {behaviour.name for behaviour in EARNING} | {"reading", "outside"}
    for (teacher_id, resource_id), one in list(summer.told.items())[:5]:
        found = Shelf(settings, kafka, teacher_id).evidence(resource_id, None)
        assert explain(summer.catalogue, found, NOW) == one


def _tell_of_all(summer: Summer, plan: Plan) -> Iterator[str]:
    """What of the teacher's doings was checked."""
    truth = summer.world.truth(plan.person)
    for (teacher_id, resource_id), one in summer.told.items():
        if teacher_id == plan.person.id:
            for place in one.findings:
                programme_id = place.listing.programme.id
                is_done = resource_id in truth.programmes[programme_id].done
                if place.listing.resource.kind == "video":
                    assert (place.is_done and not place.carried_from) == is_done, one
                    assert (place.standing.enrolled_at is not None) == (
                        truth.programmes[programme_id].enrolled)
            steps = [step for step in plan.steps if step.resource.id == resource_id]
            yield from _ways(summer, one, steps)


def _ways(summer: Summer, one: Explanation, steps: list[Step]) -> Iterator[str]:
    main = summer.world.catalogue.main
    inside = [step for step in steps if counts_in(main, step)]
    place = finding(one, MAIN)
    if not inside and not place.carried_from:
        assert place.states == (State.OUTSIDE_WINDOW,)
        yield "outside"
    if len(inside) == 1 and not place.carried_from:
        yield from _way(one, place, inside[0], is_alone=len(steps) == 1)


def _way(one: Explanation, place: Finding, step: Step, *, is_alone: bool) -> Iterator[str]:
    way = step.behaviour.name
    if way == "reading":
        assert place.states[0] in (State.TEXT_DONE, State.GAPS)
    elif way in WAYS and is_alone:
        expected = WAYS[way]
        assert expected.state in place.states, (way, place.states)
        found = {(refusal.reason, refusal.cause) for refusal in one.seen.refusals}
        assert not found if expected.reason is None else expected.reason in found, (way, found)
    elif way in WAYS:  # one half before the window or after it
        assert place.watched_outside
        assert GAPS in place.states
    else:
        assert place.is_done
    yield way


def _credit_adds_up(summer: Summer, plan: Plan) -> None:
    """What the teacher's resources are said to count for is the credit of their course (13)."""
    truth = summer.world.truth(plan.person)
    sums: dict[tuple[str, str], int] = {}
    for (teacher_id, _), one in summer.told.items():
        for place in one.findings if teacher_id == plan.person.id else ():
            key = place.listing.programme.id, place.listing.course.id
            sums[key] = sums.get(key, 0) + place.counted
    for (programme_id, course_id), counted in sums.items():
        _, credited = truth.programmes[programme_id].courses[course_id]
        assert counted == credited
