"""`roster`: regions, schools and teachers, each change with the moment it holds from (20, 22)."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from pipeline.schemas.base import EpochMs, Id, Record

RegionCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$")]
"""GB/T 2260, six digits: 110000 province, 110100 city, 110101 county (rule 20)."""


class Region(Record):
    kind: Literal["region"] = "region"
    region: RegionCode
    name: Annotated[str, Field(min_length=1, max_length=100)]


class School(Record):
    """A school of one county; `other` marks the county's entry 其他 (rule 20)."""

    kind: Literal["school"] = "school"
    school_id: Id
    region: RegionCode
    name: Annotated[str, Field(min_length=1, max_length=100)]
    other: bool = False


class Teacher(Record):
    """On the roster of a school from `at` on. No phone travels here (rule 24).

    `name` is for the lists of those who may see names, and identifies nobody; `stage` 学段 and
    `subject` 学科 are what the school says, as it says it. None: the school does not say.
    """

    kind: Literal["teacher"] = "teacher"
    teacher_id: Id
    school_id: Id
    at: EpochMs
    registered: bool = True
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    stage: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=50)] | None = None


class Verification(Record):
    """The school's administrator approved, or took back, the identity (rules 22, 23)."""

    kind: Literal["verification"] = "verification"
    teacher_id: Id
    verified: bool
    at: EpochMs


RosterRecord = Annotated[Region | School | Teacher | Verification, Field(discriminator="kind")]
ROSTER: TypeAdapter[Region | School | Teacher | Verification] = TypeAdapter(RosterRecord)


def roster_key(record: Region | School | Teacher | Verification) -> str:
    """The record's key on the topic, `kind:id`."""
    match record:
        case Region():
            return f"region:{record.region}"
        case School():
            return f"school:{record.school_id}"
        case _:
            return f"{record.kind}:{record.teacher_id}"
