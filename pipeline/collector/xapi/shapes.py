"""A statement's shape, as xAPI 1.0.3 part two and IEEE 9274.1.1 say. Its meaning is read elsewhere.

The shape alone decides what is malformed: a property that the standard does not know, or one that
is null, empty where a format is asked, or of a wrong type, makes the statement a bad one.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

TAGGED = "<"   # begins the tags of choices, so that an answer can leave them out of a place
DURATION = re.compile(
    r"P(?:\d+(?:[.,]\d+)?W|(?=.)(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?D)?"
    r"(?:T(?=.)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?)")
TEACHER = re.compile(r"[A-Za-z0-9._:@-]{1,64}")
NEGATIVE_ZERO = re.compile(r".*[T ].*-00(?::?00)?")


def instant(said: str) -> datetime:
    """The moment in UTC; one without an offset is taken as UTC. Raises ValueError."""
    if not re.match(r"\d{4}-?\d{2}-?\d{2}[T ]", said) or NEGATIVE_ZERO.fullmatch(said):
        raise ValueError("must be an ISO 8601 timestamp")
    try:
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be an ISO 8601 timestamp") from None


def _is_instant(said: str) -> str:
    instant(said)
    return said


def _is_duration(said: str) -> str:
    if not DURATION.fullmatch(said):
        raise ValueError("must be an ISO 8601 duration")
    return said


Iri = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+$", max_length=2048)]
Uuid = Annotated[str, Field(
    pattern=r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$")]
LanguageMap = dict[Language, str]
Extensions = dict[Iri, Any]
Timestamp = Annotated[str, AfterValidator(_is_instant)]
Duration = Annotated[str, AfterValidator(_is_duration)]


class Shape(BaseModel):
    """JSON as it is: no conversions, no property that the standard does not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Account(Shape):
    homePage: Iri  # noqa: N815 - the standard's own name, here and below
    name: Annotated[str, Field(min_length=1)]


class Named(Shape):
    """What identifies an agent or a group; `_identifiers` are how many of them are given."""

    name: str | None = None
    mbox: Annotated[str, Field(pattern=r"^mailto:[^\s@]+@[^\s@]+$")] | None = None
    mbox_sha1sum: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$")] | None = None
    openid: Iri | None = None
    account: Account | None = None

    def identifiers(self) -> int:
        given = (self.mbox, self.mbox_sha1sum, self.openid, self.account)
        return sum(one is not None for one in given)


class Agent(Named):
    objectType: Literal["Agent"] = "Agent"  # noqa: N815

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.identifiers() != 1:
            raise ValueError("must have one of mbox, mbox_sha1sum, openid, account")
        return self


class Group(Named):
    objectType: Literal["Group"]  # noqa: N815
    member: list[Agent] | None = None

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.identifiers() > 1 or (self.identifiers() == 0 and self.member is None):
            raise ValueError("must have one of mbox, mbox_sha1sum, openid, account, or members")
        return self


class Component(Shape):
    id: Annotated[str, Field(min_length=1)]
    description: LanguageMap | None = None


class Definition(Shape):
    name: LanguageMap | None = None
    description: LanguageMap | None = None
    type: Iri | None = None
    moreInfo: Iri | None = None  # noqa: N815
    extensions: Extensions | None = None
    interactionType: Literal[  # noqa: N815
        "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance",
        "sequencing", "likert", "numeric", "other"] | None = None
    correctResponsesPattern: list[str] | None = None  # noqa: N815
    choices: list[Component] | None = None
    scale: list[Component] | None = None
    source: list[Component] | None = None
    target: list[Component] | None = None
    steps: list[Component] | None = None


class Activity(Shape):
    objectType: Literal["Activity"] = "Activity"  # noqa: N815
    id: Iri
    definition: Definition | None = None


class StatementRef(Shape):
    objectType: Literal["StatementRef"]  # noqa: N815
    id: Uuid


def _kind(default: str) -> Discriminator:
    """Chooses by `objectType`; `default` where there is none."""

    def choose(value: Any) -> str | None:
        kind = value.get("objectType", default) if isinstance(value, dict) else None
        return TAGGED + kind if isinstance(kind, str) else None

    return Discriminator(choose)


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


AnAgent = Annotated[Agent, Tag("<Agent")]
AGroup = Annotated[Group, Tag("<Group")]
AnActivity = Annotated[Activity, Tag("<Activity")]
ARef = Annotated[StatementRef, Tag("<StatementRef")]
Actor = Annotated[AnAgent | AGroup, _kind("Agent")]
Activities = Annotated[list[Activity], BeforeValidator(_listed)]


class VerbShape(Shape):
    id: Iri
    display: LanguageMap | None = None


class Score(Shape):
    scaled: Annotated[float, Field(ge=-1, le=1)] | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        given = [one for one in (self.min, self.raw, self.max) if one is not None]
        if given != sorted(given) or (self.min is not None and self.min == self.max):
            raise ValueError("must keep min ≤ raw ≤ max, and min < max")
        return self


class Result(Shape):
    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: Duration | None = None
    extensions: Extensions | None = None


class ContextActivities(Shape):
    parent: Activities | None = None
    grouping: Activities | None = None
    category: Activities | None = None
    other: Activities | None = None


class ContextAgent(Shape):
    objectType: Literal["contextAgent"]  # noqa: N815
    agent: Agent
    relevantTypes: list[Iri] | None = None  # noqa: N815


class ContextGroup(Shape):
    objectType: Literal["contextGroup"]  # noqa: N815
    group: Group
    relevantTypes: list[Iri] | None = None  # noqa: N815


class Context(Shape):
    """`contextAgents` and `contextGroups` are new in 2.0."""

    registration: Uuid | None = None
    instructor: Actor | None = None
    team: Group | None = None
    contextActivities: ContextActivities | None = None  # noqa: N815
    contextAgents: list[ContextAgent] | None = None  # noqa: N815
    contextGroups: list[ContextGroup] | None = None  # noqa: N815
    revision: str | None = None
    platform: str | None = None
    language: Language | None = None
    statement: StatementRef | None = None
    extensions: Extensions | None = None


class Attachment(Shape):
    """Only by reference: its bytes would come as multipart/mixed, which is not taken."""

    usageType: Iri  # noqa: N815
    display: LanguageMap
    description: LanguageMap | None = None
    contentType: Annotated[str, Field(min_length=1)]  # noqa: N815
    length: Annotated[int, Field(ge=0)]
    sha2: Annotated[str, Field(min_length=1)]
    fileUrl: Iri  # noqa: N815


class Said(Shape):
    """What a statement and one inside another have in common."""

    actor: Actor
    verb: VerbShape
    result: Result | None = None
    context: Context | None = None
    timestamp: Timestamp | None = None
    attachments: list[Attachment] | None = None


class SubStatement(Said):
    objectType: Literal["SubStatement"]  # noqa: N815
    object: Annotated[AnAgent | AGroup | AnActivity | ARef, _kind("Activity")]


class Statement(Said):
    id: Uuid | None = None
    object: Annotated[
        AnAgent | AGroup | AnActivity | ARef | Annotated[SubStatement, Tag("<SubStatement")],
        _kind("Activity")]
    stored: Timestamp | None = None
    authority: Actor | None = None
    version: Annotated[str, Field(pattern=r"^[12]\.0(\.[0-9]{1,4})?$")] | None = None

    @model_validator(mode="after")
    def _context_fits(self) -> Self:
        context = self.context
        if context is not None and not isinstance(self.object, Activity) and (
            context.revision is not None or context.platform is not None
        ):
            raise ValueError("may say `revision` and `platform` of an activity only")
        return self
