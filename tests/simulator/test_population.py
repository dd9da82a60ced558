import csv

import pytest

from pipeline.schemas.base import Id
from pipeline.settings import ROOT
from simulator.places import Places, read_places
from simulator.population import Population, populate
from simulator.roles import CYCLE, QUOTAS, Role, role_of, turn_of


@pytest.fixture(scope="module")
def places() -> Places:
    return read_places()


@pytest.fixture(scope="module")
def people(places: Places) -> Population:
    return populate(places, 500, seed=1)


def test_the_same_seed_gives_the_same_population(places: Places, people: Population) -> None:
    assert populate(places, 500, seed=1) == people
    assert populate(places, 500, seed=2).schools != people.schools


def test_rule_20_regions_are_real_and_each_lies_in_another(people: Population) -> None:
    with (ROOT / "data" / "gbt2260.csv").open(encoding="utf-8", newline="") as lines:
        real = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    assert people.regions.items() <= real.items()
    for code in people.regions:
        assert code[:2] + "0000" in people.regions
        assert code[:4] + "00" in people.regions
    provinces = [code for code in people.regions if code.endswith("0000")]
    assert len(provinces) == 3
    order = list(people.regions)
    assert all(order.index(code[:4] + "00") <= order.index(code) for code in order)


def test_rule_20_every_county_has_schools_and_its_other(people: Population) -> None:
    counties = {school.region for school in people.schools}
    assert len(counties) >= 6
    for county in counties:
        others = [s.other for s in people.schools if s.region == county]
        assert others.count(True) == 1
        assert len(others) >= 2


def test_a_city_without_counties_is_a_seat_itself(places: Places) -> None:
    seats = places.seats("440000")
    assert "441900" in seats  # 东莞市
    assert "440100" not in seats
    assert places.line("441900") == ["440000", "441900"]
    assert places.line("110101") == ["110000", "110100", "110101"]


def test_rule_24_ids_are_neither_names_nor_phones(people: Population) -> None:
    assert [person.id for person in people.people[:2]] == ["t000001", "t000002"]
    assert len({person.id for person in people.people}) == 500


def test_rule_22_some_moved_from_other_to_their_school(people: Population) -> None:
    schools = {school.id: school for school in people.schools}
    moved = [p for p in people.people if p.first_school != p.school]
    assert 5 <= len(moved) <= 60
    for person in moved:
        first, now = schools[person.first_school], schools[person.school]
        assert first.other
        assert not now.other
        assert first.region == now.region


def test_some_are_not_registered_and_those_are_not_verified(people: Population) -> None:
    absent = [person for person in people.people if not person.registered]
    assert len(absent) == 500 // CYCLE
    assert not any(person.verified for person in absent)
    assert 200 < sum(person.verified for person in people.people) < 450


def test_every_cycle_holds_every_role_in_its_quota() -> None:
    for start in (0, CYCLE, 7):
        roles = [role_of(index) for index in range(start, start + CYCLE)]
        assert {role: roles.count(role) for role in Role} == dict(QUOTAS)


@pytest.mark.parametrize("role", Role)
def test_turns_of_a_role_are_all_different_and_complete(role: Role) -> None:
    turns = [turn_of(index) for index in range(3 * CYCLE) if role_of(index) is role]
    assert sorted(turns) == list(range(len(turns)))


def test_ids_fit_the_wire(people: Population) -> None:
    from pydantic import TypeAdapter

    check = TypeAdapter(Id).validate_python
    for person in people.people:
        check(person.id)
    for school in people.schools:
        check(school.id)
