"""Who is on the demo's roster: a few teachers of two counties of 重庆市, all made up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.rules.regions import ancestors
from pipeline.schemas.base import Record
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.roster import Region, School, Teacher, Verification

AT = 1_735_660_800_000  # 2025-01-01 in Beijing; the same at every start, so repeats change nothing
PROVINCE = "500000"


@dataclass(frozen=True, slots=True)
class Person:
    """`is_registered`: has an account at the platform, and so can sign in."""

    id: str
    name: str
    school: str
    stage: str
    subject: str
    is_registered: bool = True
    is_verified: bool = True


SCHOOLS = {
    "demo-s1": ("500103", "渝中区示范小学"),
    "demo-s2": ("500103", "渝中区示范中学"),
    "demo-s3": ("500106", "沙坪坝区示范学校"),
    "demo-s9": ("500106", "其他"),
}
PEOPLE = (
    Person("demo-01", "李静", "demo-s1", "小学", "语文"),
    Person("demo-02", "王建华", "demo-s1", "小学", "数学"),
    Person("demo-03", "陈敏", "demo-s1", "小学", "英语"),
    Person("demo-04", "刘志强", "demo-s2", "初中", "物理"),
    Person("demo-05", "周丽娟", "demo-s2", "初中", "历史"),
    Person("demo-06", "吴晓东", "demo-s3", "高中", "化学"),
    Person("demo-07", "郑伟", "demo-s3", "高中", "音乐", is_verified=False),
    Person("demo-08", "孙丽", "demo-s9", "高中", "体育", is_verified=False),
    Person("demo-09", "何平", "demo-s3", "高中", "地理", is_registered=False, is_verified=False),
)
VISITORS = {person.id: person for person in PEOPLE if person.is_registered}


def school_name(person: Person) -> str:
    return SCHOOLS[person.school][1]


def records(names: dict[str, str], programmes: Iterable[str]) -> Iterator[Record]:
    """The roster, in the order in which it must be sent. `names`: of regions, by code."""
    yield from _places(names)
    for person in PEOPLE:
        yield Teacher(teacher_id=person.id, school_id=person.school, at=AT, name=person.name,
                      registered=person.is_registered, stage=person.stage, subject=person.subject)
        if person.is_verified:
            yield Verification(teacher_id=person.id, verified=True, at=AT)
    for programme in programmes:
        yield from (Enrolment(teacher_id=id_, programme_id=programme, at=AT) for id_ in VISITORS)


def _places(names: dict[str, str]) -> Iterator[Record]:
    counties = {county for county, _ in SCHOOLS.values()}
    codes = counties | {above for county in counties for above in ancestors(county)}
    for code in sorted(codes):  # a province comes before its cities, a city before its counties
        yield Region(region=code, name=names[code])
    for id_, (county, name) in SCHOOLS.items():
        yield School(school_id=id_, region=county, name=name, other=name == "其他")
