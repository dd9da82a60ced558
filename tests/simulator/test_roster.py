import pytest

from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import ROSTER, Region, School, Teacher, Verification, roster_key
from pipeline.settings import Settings
from simulator.play import enrol_late, register
from simulator.roles import Role
from simulator.roster import roster_records
from simulator.world import World
from tests.simulator.reading import read_topic


def test_rule_20_places_come_before_who_is_in_them(world: World) -> None:
    known: set[str] = set()
    for record in roster_records(world.population, world.catalogue.main):
        match record:
            case Region():
                known.add(record.region)
            case School():
                assert record.region in known
                known.add(record.school_id)
            case Teacher():
                assert record.school_id in known
                known.add(record.teacher_id)
            case Verification():
                assert record.teacher_id in known


def test_rule_22_the_last_word_on_a_teacher_is_the_truth(world: World) -> None:
    schools: dict[str, str] = {}
    verified: dict[str, bool] = {}
    moments: dict[str, int] = {}
    for record in roster_records(world.population, world.catalogue.main):
        if isinstance(record, Teacher | Verification):
            key = roster_key(record)
            assert record.at > moments.get(key, 0)
            moments[key] = record.at
        if isinstance(record, Teacher):
            schools[record.teacher_id] = record.school_id
        elif isinstance(record, Verification):
            verified[record.teacher_id] = record.verified
    for teacher in (world.truth(person) for person in world.population.people):
        assert schools[teacher.teacher_id] == teacher.school_id
        assert verified.get(teacher.teacher_id, False) == teacher.verified


def test_rule_22_some_verifications_are_revoked_and_some_given_at_the_second_try(
    world: World,
) -> None:
    answers: dict[str, list[bool]] = {}
    for record in roster_records(world.population, world.catalogue.main):
        if isinstance(record, Verification):
            answers.setdefault(record.teacher_id, []).append(record.verified)
    assert {(True,), (False, True), (True, False)} <= set(map(tuple, answers.values()))


@pytest.mark.kafka
def test_everything_arrives_where_it_belongs(world: World, kafka: str, settings: Settings) -> None:
    sent = register(settings, kafka, world)
    roster = read_topic(kafka, settings.topic("roster"))
    enrolments = read_topic(kafka, settings.topic("enrolments"))
    assert len(roster) + len(enrolments) == sent
    expected = list(roster_records(world.population, world.catalogue.main))
    assert [ROSTER.validate_json(value) for _, _, value in roster] == expected
    assert [key for _, key, _ in roster] == [roster_key(record).encode() for record in expected]
    for partition, key, value in enrolments:
        record = Enrolment.model_validate_json(value)
        assert key == record.teacher_id.encode()
        assert partition == partition_of(record.teacher_id, settings.partitions)


@pytest.mark.kafka
def test_rule_21_late_enrolments_come_after(world: World, kafka: str, settings: Settings) -> None:
    roles = [world.plan(person).role for person in world.population.people]
    assert enrol_late(settings, kafka, world) == roles.count(Role.LATE_ENROLLED) > 0
    late = [Enrolment.model_validate_json(value)
            for _, _, value in read_topic(kafka, settings.topic("enrolments"))]
    by_id = {p.id: p for p in world.population.people}
    assert {world.plan(by_id[record.teacher_id]).role for record in late} == {
        Role.LATE_ENROLLED}
    assert all(record.at < world.catalogue.main.closes_at for record in late)
