"""Which teacher does what with which video, and when: the plan that the truth is read from."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from simulator.catalogue import Catalogue
from simulator.population import Person
from simulator.roles import HEAVY, Role, role_of, turn_of
from simulator.scripts import SCRIPTS, Draft
from simulator.seasons import DAY, Step


class Enrols(NamedTuple):
    """A teacher enrols in a programme; `afterwards`: the record comes after all playing (21)."""

    programme_id: str
    at: int
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One teacher's whole summer. `steps` are in time order and do not overlap."""

    person: Person
    role: Role
    steps: tuple[Step, ...]
    enrols: tuple[Enrols, ...]


@dataclass(frozen=True, slots=True)
class Appetite:
    """How much is watched.

    budget_ms    media time of those who watch what they like
    heavy_every  of the roles that watch ten hours, only every so manieth does
    """

    budget_ms: int
    heavy_every: int


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans; the same seed, appetite and person give the same one, in whatever order."""

    catalogue: Catalogue
    seed: int
    appetite: Appetite

    def plan(self, person: Person) -> Plan:
        """The teacher's plan."""
        rng = random.Random(f"plan:{self.seed}:{person.index}")
        role = self._role(person.index)
        draft = Draft(self.catalogue, rng, self.appetite.budget_ms, turn_of(person.index))
        steps = sorted(SCRIPTS[role](draft), key=lambda step: step.at)
        return Plan(person, role, tuple(steps), tuple(_enrols(role, self.catalogue, rng)))

    def _role(self, index: int) -> Role:
        role = role_of(index)
        if role is Role.CARRY_OVER and self.catalogue.earlier is None:
            return Role.PARTIAL
        spared = role in HEAVY and turn_of(index) % self.appetite.heavy_every
        return Role.PARTIAL if spared else role


def _enrols(role: Role, catalogue: Catalogue, rng: random.Random) -> Iterator[Enrols]:
    """Most enrol in the main programme about when it opens (rule 21)."""
    main, earlier = catalogue.main, catalogue.earlier
    if role in (Role.UNENROLLED, Role.UNREGISTERED):
        return
    if role is Role.CARRY_OVER and earlier is not None:
        yield Enrols(earlier.id, earlier.opens_at + rng.randrange(5 * DAY))
    elif role is Role.LATE_ENROLLED:
        yield Enrols(main.id, main.closes_at - rng.randrange(1, DAY), afterwards=True)
    else:
        yield Enrols(main.id, main.opens_at + rng.randrange(5 * DAY))
