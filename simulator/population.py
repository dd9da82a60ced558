"""A seeded population: provinces → counties → schools → teachers, over real region codes (20)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.places import Places
from simulator.roles import Role, role_of

PROVINCES = 3
COUNTIES_A_PROVINCE = 4
TEACHERS_A_SCHOOL = 20


@dataclass(frozen=True, slots=True)
class SchoolPlace:
    """A school of one county; `other` is the county's entry 其他."""

    id: str
    region: str
    name: str
    other: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One teacher. `first_school` differs from `school` for those who moved (rule 22)."""

    index: int
    id: str
    first_school: str
    school: str
    registered: bool
    verified: bool


@dataclass(frozen=True, slots=True)
class Population:
    """`regions` has every region that a school lies in, those above before those below."""

    regions: dict[str, str]
    schools: tuple[SchoolPlace, ...]
    people: tuple[Person, ...]


def populate(places: Places, teachers: int, seed: int) -> Population:
    """The population of `teachers` teachers; the same seed gives the same one."""
    rng = random.Random(f"population:{seed}")
    seats = _choose_seats(places, rng)
    schools = tuple(_schools(seats, teachers))
    return Population(
        regions={code: places.names[code] for seat in seats for code in places.line(seat)},
        schools=schools,
        people=tuple(_person(index, schools, rng) for index in range(teachers)),
    )


def teacher_id(index: int) -> str:
    """`t000001` for the first one."""
    return f"t{index + 1:06d}"


def _choose_seats(places: Places, rng: random.Random) -> list[str]:
    provinces = sorted(rng.sample(places.provinces, PROVINCES))
    return [
        seat for province in provinces
        for seat in sorted(_some(rng, places.seats(province), COUNTIES_A_PROVINCE))
    ]


def _some(rng: random.Random, choices: list[str], most: int) -> list[str]:
    return rng.sample(choices, min(most, len(choices)))


def _schools(seats: list[str], teachers: int) -> Iterator[SchoolPlace]:
    each = max(1, round(teachers / TEACHERS_A_SCHOOL / len(seats)))
    for seat in seats:
        yield SchoolPlace(f"s{seat}-000", seat, "其他", other=True)
        for number in range(1, each + 1):
            yield SchoolPlace(f"s{seat}-{number:03d}", seat, f"示例第{number}学校", other=False)


def _person(index: int, schools: tuple[SchoolPlace, ...], rng: random.Random) -> Person:
    school = rng.choice(schools)
    moved = not school.other and rng.random() < 0.05
    registered = role_of(index) is not Role.UNREGISTERED
    return Person(
        index=index,
        id=teacher_id(index),
        first_school=f"s{school.region}-000" if moved else school.id,
        school=school.id,
        registered=registered,
        verified=registered and not school.other and rng.random() < 0.85,
    )
