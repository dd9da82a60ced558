"""The registration platform's part: who is where, who enrolled (rules 20, 21, 22)."""

from collections.abc import Iterable, Iterator

from pipeline.broker.producing import Producer
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import Region, School, Teacher, Verification, roster_key
from pipeline.schemas.topics import ENROLMENTS, ROSTER_TOPIC
from pipeline.settings import Settings
from simulator.catalogue import Programme
from simulator.planning import Plan
from simulator.population import Person, Population
from simulator.seasons import DAY

STAGES = ("小学", "初中", "高中")
SUBJECTS = ("语文", "数学", "英语", "科学", "音乐", "体育", "信息科技")

RosterEntry = Region | School | Teacher | Verification


def roster_records(population: Population, main: Programme) -> Iterator[RosterEntry]:
    """Regions, then schools, then teachers with their moves, then verifications."""
    for code, name in population.regions.items():
        yield Region(region=code, name=name)
    for school in population.schools:
        yield School(school_id=school.id, region=school.region, name=school.name,
                     other=school.other)
    for person in population.people:
        yield from _teacher(person, main.opens_at)
    for person in population.people:
        yield from _verifications(person, main.opens_at)


def _teacher(person: Person, opens_at: int) -> Iterator[Teacher]:
    """On the roster three weeks before; who moved does so in the second week (rule 22)."""
    yield _at(person, person.first_school, opens_at - 21 * DAY)
    if person.school != person.first_school:
        yield _at(person, person.school, opens_at + 10 * DAY)


def _at(person: Person, school: str, at: int) -> Teacher:
    return Teacher(teacher_id=person.id, school_id=school, at=at, registered=person.registered,
                   name=f"示例教师{person.index + 1}", stage=STAGES[person.index % 3],
                   subject=SUBJECTS[person.index % 7])


def _verifications(person: Person, opens_at: int) -> Iterator[Verification]:
    """Most are approved at once; some after a refusal, some only until it is revoked."""
    hesitant = person.index % 10 == 3
    answers = [person.verified] if person.verified or hesitant else []
    if hesitant and person.registered:
        answers.insert(0, not person.verified)
    for turn, verified in enumerate(answers):
        yield Verification(teacher_id=person.id, verified=verified,
                           at=opens_at + (20 + 5 * turn) * DAY)


def send_roster(producer: Producer, settings: Settings, records: Iterable[RosterEntry]) -> int:
    """Send them to `roster`, all on its one partition; how many."""
    count = 0
    for count, record in enumerate(records, start=1):  # noqa: B007
        producer.send(settings.topic(ROSTER_TOPIC.name), record.to_json(), roster_key(record), 0)
    return count


def send_enrolments(
    producer: Producer, settings: Settings, plans: Iterable[Plan], *, afterwards: bool
) -> int:
    """Send to `enrolments` those that come before the playing, or those that come after it."""
    topic = settings.topic(ENROLMENTS.name)
    count = 0
    for plan in plans:
        teacher = plan.person.id
        for enrols in plan.enrols:
            if enrols.afterwards == afterwards:
                record = Enrolment(teacher_id=teacher, programme_id=enrols.programme_id,
                                   at=enrols.at)
                producer.send(topic, record.to_json(), teacher,
                              partition_of(teacher, settings.partitions))
                count += 1
    return count
