"""One simulated summer: programmes, people, their plans, and the length of their heartbeats."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.settings import Settings
from simulator.actions import Action, Post
from simulator.catalogue import Catalogue, read_catalogue
from simulator.human import SECOND, Human
from simulator.places import read_places
from simulator.planning import Appetite, Plan, Planner
from simulator.population import Person, Population, populate
from simulator.truth import TeacherTruth, truth_of

SHORTEST_BEAT = 5 * SECOND
USUAL_BEAT = 10 * SECOND
LONGEST_BEAT = 15 * SECOND
HEAVY_MS = 8000 * SECOND
"""What the heavy roles watch, spread over all teachers, if every one of them does."""

RESTLESS = (1, 2, 5, 10, 20, *[40] * 7)
"""Heartbeats a post of a teacher's one restless play, each as likely as the others."""

SAMPLE = 500
"""Teachers whose heartbeats are counted beforehand, to choose how long one is."""

SAFETY = 0.97
"""Shorter by this than the count says, since pieces of a video do not divide evenly."""


class TooFewVideosError(Exception):
    """The programmes have too few videos for so many heartbeats."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything follows from the settings' programmes, the number of teachers and the seed."""

    catalogue: Catalogue
    population: Population
    planner: Planner
    beat_ms: int

    def plan(self, person: Person) -> Plan:
        """What this teacher is going to do."""
        return self.planner.plan(person)

    def truth(self, person: Person) -> TeacherTruth:
        """What is true of this teacher when all is over."""
        return truth_of(self.plan(person), self.catalogue)

    def actions(self, person: Person) -> Iterator[Action]:
        """All that this teacher's players do, in time order, made up as it is asked for."""
        human = self._human(person)
        steps = self.plan(person).steps
        restless = human.rng.randrange(max(1, len(steps)))
        for number, step in enumerate(steps):
            human.now = step.at
            human.batch = _batch(human.rng, restless=number == restless)
            yield from step.behaviour.act(human, step.resource)

    def _human(self, person: Person) -> Human:
        rng = random.Random(f"human:{self.planner.seed}:{person.index}")
        beat_ms = min(LONGEST_BEAT, max(SHORTEST_BEAT, round(self.beat_ms * rng.uniform(0.8, 1.2))))
        return Human(person.id, rng, now=0, beat_ms=beat_ms, batch=40)


def _batch(rng: random.Random, *, restless: bool) -> int:
    """How many heartbeats a player queues. Once in a summer a teacher may meet one that posts
    each by itself; not more often, as every post waits for the answer to the one before.
    """
    return rng.choice(RESTLESS) if restless else rng.randint(30, 40)


def make_world(settings: Settings, teachers: int, seed: int, heartbeats: int) -> World:
    """A world whose teachers send at least `heartbeats`, and not many more where possible.

    With more than SAMPLE teachers "at least" is an estimate, true within a few per cent.

    Raises:
        CatalogueError: the programmes cannot be simulated.
        TooFewVideosError: not so many, however short and eager.
    """
    catalogue = read_catalogue(settings.programmes_dir)
    population = populate(read_places(), teachers, seed)
    each = heartbeats / teachers
    for eagerness in (0.3, 0.6, 1.0, 1.5, 2.5, 5.0, 15.0):
        planner = Planner(catalogue, seed, _appetite(each, eagerness))
        world = World(catalogue, population, planner, USUAL_BEAT)
        beat_ms = round(USUAL_BEAT * SAFETY * _beats_each(world) / each)
        if beat_ms >= USUAL_BEAT * 0.8:
            break
    if beat_ms < SHORTEST_BEAT:
        raise TooFewVideosError(_too_few(teachers, heartbeats * beat_ms // SHORTEST_BEAT))
    return replace(world, beat_ms=min(LONGEST_BEAT, beat_ms))


def _beats_each(world: World) -> float:
    """Heartbeats a teacher, counted of a sample, which has all if there are not many."""
    people = world.population.people
    if len(people) > SAMPLE:
        people = tuple(random.Random(f"sample:{world.planner.seed}").sample(people, SAMPLE))
    return sum(action.beats for person in people for action in world.actions(person)
               if isinstance(action, Post)) / len(people)


def _too_few(teachers: int, most: int) -> str:
    return (f"{teachers} teachers can watch no more than about {most} heartbeats of these"
            " programmes: ask for fewer, or for more teachers")


def _appetite(beats_each: float, eagerness: float) -> Appetite:
    budget_ms = round(beats_each * USUAL_BEAT * eagerness)
    heavy_every = max(1, round(HEAVY_MS / max(budget_ms, USUAL_BEAT)))
    return Appetite(budget_ms, heavy_every)
