"""The truth is plain arithmetic on the plan: small cases by hand, and what must always hold."""

import pytest

from simulator import seasons
from simulator.behaviours import CHEATS, FIRST_HALF, HONEST, ORDINARY, Behaviour
from simulator.catalogue import Catalogue, Resource
from simulator.human import HOUR
from simulator.planning import Enrols, Plan
from simulator.population import Person
from simulator.roles import Role
from simulator.seasons import Step, UnclearError, counts_in
from simulator.truth import TeacherTruth, truth_of
from simulator.world import World

IN_PARTS = next(b for b in ORDINARY if b.name == "in_parts")
JUNE, SUMMER = "2022-ethics", "2022-summer"


def resource(catalogue: Catalogue, id_: str) -> Resource:
    return next(v for p in catalogue.programmes.values() for v in p.videos if v.id == id_)


def truth(
    catalogue: Catalogue, *did: tuple[str, int, Behaviour], enrolled: tuple[str, ...] = (SUMMER,)
) -> TeacherTruth:
    steps = tuple(Step(at, resource(catalogue, id_), how) for id_, at, how in did)
    person = Person(0, "t000001", "s", "s", registered=True, verified=False)
    plan = Plan(person, Role.PARTIAL, steps, tuple(Enrols(id_, 0) for id_ in enrolled))
    return truth_of(plan, catalogue)


@pytest.fixture
def june(small: Catalogue) -> int:
    return seasons.before(small)[0]


@pytest.fixture
def july(small: Catalogue) -> int:
    return seasons.during(small)[0]


@pytest.fixture
def august(small: Catalogue) -> int:
    """After the earlier programme closed, before the main one does."""
    return seasons.during(small)[-1]


def test_rule_13_credited_stops_at_required_and_learned_goes_on(
    small: Catalogue, july: int
) -> None:
    got = truth(small, ("o1", july, HONEST), ("o2", july, HONEST), ("e1", july, HONEST))
    assert got.programmes[SUMMER].courses == {
        "shared": (0, 0), "own": (2400, 2000), "extra": (900, 0)}
    assert got.programmes[SUMMER].recognised == 0


def test_rule_13_all_courses_reached_makes_the_credit_recognised(
    small: Catalogue, july: int
) -> None:
    got = truth(small, *((id_, july, HONEST) for id_ in ("s1", "s2", "o1", "o2")))
    assert got.programmes[SUMMER].completed
    assert got.programmes[SUMMER].recognised == 1000 + 2000


def test_rule_21_who_never_enrolled_learns_and_is_credited_nothing(
    small: Catalogue, july: int
) -> None:
    done = [(id_, july, HONEST) for id_ in ("s1", "s2", "o1", "o2")]
    got = truth(small, *done, enrolled=())
    assert got.programmes[SUMMER].courses["own"] == (2400, 0)
    assert not got.programmes[SUMMER].completed
    assert not got.programmes[SUMMER].enrolled


def test_rule_5_what_was_done_before_counts_once_and_its_enrolment_holds(
    small: Catalogue, june: int, july: int
) -> None:
    got = truth(small, ("s1", june, HONEST), ("s1", july, HONEST), ("s2", july, FIRST_HALF),
                enrolled=(JUNE,))
    assert got.programmes[JUNE].courses == {"shared": (700, 700)}
    assert got.programmes[SUMMER].enrolled
    assert got.programmes[SUMMER].courses["shared"] == (700, 700)


def test_rule_12_a_stretch_counts_in_every_programme_that_is_open(
    small: Catalogue, june: int, july: int, august: int
) -> None:
    got = truth(small, ("s1", july, HONEST), ("s2", august, HONEST), ("o1", june, HONEST))
    assert got.programmes[JUNE].done == ("s1",)
    assert got.programmes[SUMMER].done == ("s1", "s2")


def test_what_does_not_earn_is_worth_nothing(small: Catalogue, july: int) -> None:
    for futile in (b for b in (*ORDINARY, *CHEATS) if not b.earns):
        assert truth(small, ("o2", july, futile)).programmes[SUMMER].courses["own"] == (0, 0)


@pytest.mark.parametrize(("after_close_h", "behaviour", "counts"), [
    (-7, HONEST, True), (-1, HONEST, True), (0, HONEST, False), (12, HONEST, False),
    (-7, IN_PARTS, True), (-1, IN_PARTS, None),
])
def test_rule_1_what_was_opened_in_time_may_arrive_late(
    small: Catalogue, after_close_h: int, behaviour: Behaviour, counts: bool | None
) -> None:
    main = small.main
    step = Step(main.closes_at + after_close_h * HOUR, resource(small, "o1"), behaviour)
    if counts is None:
        with pytest.raises(UnclearError):
            counts_in(main, step)
    else:
        assert counts_in(main, step) is counts


def test_rule_1_a_step_across_the_opening_is_refused_by_the_plan(small: Catalogue) -> None:
    step = Step(small.main.opens_at - HOUR, resource(small, "o1"), HONEST)
    with pytest.raises(UnclearError):
        counts_in(small.main, step)


def test_slots_stay_clear_of_every_edge(small: Catalogue, real: Catalogue) -> None:
    for catalogue in (small, real):
        slots = [*seasons.before(catalogue), *seasons.during(catalogue),
                 *seasons.after(catalogue)]
        assert len(slots) > 200
        for programme in catalogue.programmes.values():
            for slot in slots:
                step = Step(slot + HOUR, programme.videos[0], IN_PARTS)
                assert counts_in(programme, step) in (True, False)


@pytest.fixture(scope="module")
def everyone(world: World) -> list[TeacherTruth]:
    return [world.truth(person) for person in world.population.people]


def test_credit_is_never_more_than_learned_or_required(
    world: World, everyone: list[TeacherTruth]
) -> None:
    required = {(p.id, c.id): c.required_seconds
                for p in world.catalogue.programmes.values() for c in p.courses}
    for teacher in everyone:
        for programme_id, programme in teacher.programmes.items():
            for course_id, (learned, credited) in programme.courses.items():
                assert 0 <= credited <= min(learned, required[programme_id, course_id])
            total = sum(credited for _, credited in programme.courses.values())
            assert programme.recognised == (total if programme.completed else 0)


def outcomes(world: World, everyone: list[TeacherTruth], role: Role) -> list[tuple[int, int, int]]:
    """(learned, credited, recognised) in the main programme of all who play the role."""
    found = [teacher.programmes[world.catalogue.main.id]
             for teacher in everyone if teacher.role == role]
    assert found
    return [(sum(c[0] for c in p.courses.values()), sum(c[1] for c in p.courses.values()),
             p.recognised) for p in found]


@pytest.mark.parametrize("role", [
    Role.CHEAT, Role.ABSENT, Role.UNREGISTERED, Role.OUTSIDER, Role.STRADDLER,
])
def test_who_cheats_or_stays_outside_ends_at_zero_in_everything(
    everyone: list[TeacherTruth], role: Role
) -> None:
    found = [teacher for teacher in everyone if teacher.role == role]
    assert found
    for teacher in found:
        for programme in teacher.programmes.values():
            assert set(programme.courses.values()) == {(0, 0)}
            assert not programme.done


def test_rule_13_finishers_have_ten_hours_recognised(
    world: World, everyone: list[TeacherTruth]
) -> None:
    for learned, credited, recognised in outcomes(world, everyone, Role.FINISHER):
        assert learned >= credited == recognised == 10 * 2700


def test_rule_13_one_course_short_is_nothing_recognised(
    world: World, everyone: list[TeacherTruth]
) -> None:
    for _, credited, recognised in outcomes(world, everyone, Role.NEARLY):
        assert 10 * 2700 > credited >= 7 * 2700
        assert recognised == 0


def test_rule_5_carry_over_teachers_need_not_enrol_again(
    world: World, everyone: list[TeacherTruth]
) -> None:
    for teacher in (t for t in everyone if t.role == Role.CARRY_OVER):
        assert all(programme.enrolled for programme in teacher.programmes.values())
    results = outcomes(world, everyone, Role.CARRY_OVER)
    assert {recognised for _, _, recognised in results} == {0, 10 * 2700}
    assert all(credited >= 4 * 2700 for _, credited, _ in results)


def test_rule_1_last_minute_earns_exactly_the_one_opened_in_time(
    world: World, everyone: list[TeacherTruth]
) -> None:
    for teacher in (t for t in everyone if t.role == Role.LAST_MINUTE):
        assert len(teacher.programmes[world.catalogue.main.id].done) == 1


def test_rule_21_late_enrolment_counts_as_any_other(
    world: World, everyone: list[TeacherTruth]
) -> None:
    assert 10 * 2700 in {r for _, _, r in outcomes(world, everyone, Role.LATE_ENROLLED)}
    never = outcomes(world, everyone, Role.UNENROLLED)
    assert max(learned for learned, _, _ in never) > 0
    assert {(credited, recognised) for _, credited, recognised in never} == {(0, 0)}
