from itertools import pairwise

import pytest

from pipeline.settings import Settings
from simulator.actions import Action, Open, Post
from simulator.behaviours import CHEATS, ORDINARY
from simulator.roles import Role
from simulator.world import TooFewVideosError, World, make_world


def stream(world: World, index: int) -> list[Action]:
    return list(world.actions(world.population.people[index]))


def beats(world: World) -> int:
    return sum(action.beats for index in range(len(world.population.people))
               for action in stream(world, index) if isinstance(action, Post))


def test_the_same_seed_plays_the_same_summer(world: World) -> None:
    again = make_world(Settings(), teachers=300, seed=1, heartbeats=120_000)
    for index in (299, 0, 17, 17):  # in whatever order it is asked for
        assert stream(again, index) == stream(world, index)
        person = world.population.people[index]
        assert again.truth(person) == world.truth(person)


def test_another_seed_plays_another_summer(world: World) -> None:
    other = make_world(Settings(), teachers=300, seed=2, heartbeats=120_000)
    assert [stream(other, index) for index in range(20)] != [
        stream(world, index) for index in range(20)]


@pytest.mark.parametrize(("teachers", "heartbeats"), [(50, 60_000), (300, 120_000)])
def test_the_heartbeats_asked_for_are_reached_but_not_far_exceeded(
    teachers: int, heartbeats: int
) -> None:
    found = beats(make_world(Settings(), teachers, seed=3, heartbeats=heartbeats))
    assert heartbeats <= found <= 1.25 * heartbeats


def test_more_than_the_videos_give_is_one_clear_error() -> None:
    with pytest.raises(TooFewVideosError, match="10 teachers can watch no more than about"):
        make_world(Settings(), teachers=10, seed=1, heartbeats=1_000_000)


def test_one_teacher_is_a_world(world: World) -> None:
    assert make_world(Settings(), teachers=1, seed=1, heartbeats=10).truth(
        world.population.people[0]).teacher_id == "t000001"


def test_every_behaviour_and_every_role_is_played(world: World) -> None:
    plans = [world.plan(person) for person in world.population.people]
    played = {step.behaviour.name for plan in plans for step in plan.steps}
    assert {b.name for b in (*ORDINARY, *CHEATS)} <= played
    assert {plan.role for plan in plans} == set(Role)


def test_a_teacher_does_one_thing_after_the_other(world: World) -> None:
    for person in world.population.people:
        steps = world.plan(person).steps
        for step, following in pairwise(steps):
            assert step.end <= following.at
        moments = [action.at for action in world.actions(person)]
        assert moments == sorted(moments)


def test_plays_of_a_teacher_have_names_of_their_own(world: World) -> None:
    for index in range(100):
        opened = [action.play for action in stream(world, index) if isinstance(action, Open)]
        assert len(set(opened)) == len(opened)


def test_each_video_is_gone_about_once_inside_the_window(world: World) -> None:
    """Else two futile attempts could add up to one that is none. Only what is done already,
    carried over, may be watched again."""
    main = world.catalogue.main
    for person in world.population.people:
        plan = world.plan(person)
        inside = [s.resource.id for s in plan.steps if main.opens_at <= s.at < main.closes_at]
        assert len(set(inside)) == len(inside)


def test_posts_vary_from_single_heartbeats_to_forty(world: World) -> None:
    sizes = {action.beats for index in range(100) for action in stream(world, index)
             if isinstance(action, Post)}
    assert {1, 5, 30, 40} <= sizes
