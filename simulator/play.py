"""The whole simulation over HTTP: roster, enrolments, all playing, late enrolments, the truth."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.broker import local
from pipeline.broker.producing import producing
from pipeline.settings import Settings
from simulator.actions import Action
from simulator.http_player import Tally, play_all
from simulator.planning import Plan
from simulator.roster import roster_records, send_enrolments, send_roster
from simulator.truth import TeacherTruth
from simulator.world import World, make_world

PROGRESS_SECONDS = 0.25

OnProgress = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class PlayResult:
    """What is true of every teacher, and what was sent and came back."""

    truth: tuple[TeacherTruth, ...]
    tally: Tally


async def play(
    settings: Settings,
    collector_url: str,
    teachers: int,
    seed: int,
    heartbeats: int,
    on_progress: OnProgress = lambda _: None,
) -> PlayResult:
    """Play `teachers` teachers and at least `heartbeats` heartbeats; ends when all is sent.

    The collector must run for simulation. `on_progress` is called several times a second with
    the tally so far.

    Raises:
        CatalogueError, TooFewVideosError: the programmes cannot be simulated like that.
        BrokerError: Kafka does not take roster or enrolments.
        CollectorAwayError: the collector does not answer, or is not set up for a simulation.
        SettingMissingError: no platform key.
    """
    world = make_world(settings, teachers, seed, heartbeats)
    bootstrap = await asyncio.to_thread(local.bootstrap, settings)
    await asyncio.to_thread(register, settings, bootstrap, world)
    tally = await _play_world(settings, collector_url, world, on_progress)
    await asyncio.to_thread(enrol_late, settings, bootstrap, world)
    return PlayResult(truth_of_all(world), tally)


def register(settings: Settings, bootstrap: str, world: World) -> int:
    """Send the roster and what enrolments there are before the playing; how many records."""
    records = roster_records(world.population, world.catalogue.main)
    with producing(bootstrap) as producer:
        return send_roster(producer, settings, records) + send_enrolments(
            producer, settings, _plans(world), afterwards=False)


def enrol_late(settings: Settings, bootstrap: str, world: World) -> int:
    """Send the enrolments that come after all playing (rule 21); how many."""
    with producing(bootstrap) as producer:
        return send_enrolments(producer, settings, _plans(world), afterwards=True)


def truth_of_all(world: World) -> tuple[TeacherTruth, ...]:
    """The truth of every teacher, in the order of their ids."""
    return tuple(world.truth(person) for person in world.population.people)


def _plans(world: World) -> Iterator[Plan]:
    return (world.plan(person) for person in world.population.people)


async def _play_world(
    settings: Settings, url: str, world: World, on_progress: OnProgress
) -> Tally:
    tally = Tally()
    reporting = asyncio.create_task(_report(tally, on_progress))
    try:
        await play_all(url, settings.secret("platform_key"), _teachers(world), tally)
    finally:
        reporting.cancel()
    on_progress(tally)
    return tally


def _teachers(world: World) -> Iterator[tuple[str, Iterator[Action]]]:
    """Those with most to do first, so that nobody is left alone at the end."""
    plans = sorted(_plans(world), key=lambda plan: -len(plan.steps))
    return ((plan.person.id, world.actions(plan.person)) for plan in plans)


async def _report(tally: Tally, on_progress: OnProgress) -> None:
    while True:
        on_progress(tally)
        await asyncio.sleep(PROGRESS_SECONDS)
