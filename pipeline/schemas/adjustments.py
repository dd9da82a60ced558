"""`adjustments`: what people decide about a teacher's credit; reversible, and kept for ever."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from pipeline.schemas.base import EpochMs, Id, Record, Seconds


class Decision(Record):
    """Who decided what about whom, and why. The same `adjustment_id` again changes nothing."""

    adjustment_id: Id
    teacher_id: Id
    programme_id: Id
    by: Id
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    at: EpochMs


class Grant(Decision):
    """`seconds` of a course are learned by decision."""

    kind: Literal["grant"] = "grant"
    course_id: Id
    seconds: Annotated[Seconds, Field(ge=1)]


class Withdrawal(Decision):
    """`seconds` of a course are taken away; no course falls below 0."""

    kind: Literal["withdraw"] = "withdraw"
    course_id: Id
    seconds: Annotated[Seconds, Field(ge=1)]


class Hold(Decision):
    """The programme is not completed, and nothing recognised (13), until this is reversed."""

    kind: Literal["hold"] = "hold"


class Reversal(Decision):
    """Takes back the adjustment `reverses`, a hold too; the two may come in any order."""

    kind: Literal["reverse"] = "reverse"
    reverses: Id


class OpeningBalance(Decision):
    """Seconds of a course that an earlier system hands over (rule 5): completions before `as_of`
    are in them. A later one of the same course replaces it.
    """

    kind: Literal["opening"] = "opening"
    course_id: Id
    seconds: Seconds
    as_of: EpochMs


AnyAdjustment = Grant | Withdrawal | Hold | Reversal | OpeningBalance
ADJUSTMENT: TypeAdapter[AnyAdjustment] = TypeAdapter(
    Annotated[AnyAdjustment, Field(discriminator="kind")])
