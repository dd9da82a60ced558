"""What is posted and answered: shapes only, nothing about what is allowed.

Fields that are not known are ignored, as a newer player may send more; so is a score that a
player claims for itself (rule 10).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.schemas.base import EpochMs, Id
from pipeline.schemas.telemetry import MAX_POSITION_MS, Answer, Seq

PositionSeconds = Annotated[float, Field(ge=0, le=MAX_POSITION_MS / 1000)]
Rate = Annotated[float, Field(ge=0.05, le=16, description="1.0 is normal speed")]
Choices = Annotated[list[Answer], Field(max_length=100)]


class Message(BaseModel):
    """JSON as it is, without conversions: "1" is no number and NaN is none either."""

    model_config = ConfigDict(
        strict=True, frozen=True, allow_inf_nan=False, extra="ignore", populate_by_name=True
    )


class OpenPlay(Message):
    """This teacher is about to play this resource."""

    teacher_id: Id
    resource_id: Id


class Heartbeat(Message):
    """The stretch [from, to) of the video, in seconds, was played at `rate`."""

    type: Literal["heartbeat"]
    seq: Seq
    start: PositionSeconds = Field(alias="from")
    end: PositionSeconds = Field(alias="to")
    rate: Rate


class QuizAnswers(Message):
    """The choices made in a quiz: question → one choice, or several."""

    type: Literal["quiz"]
    seq: Seq
    quiz_id: Id
    answers: Annotated[
        dict[Annotated[str, Field(max_length=64)], Answer | Choices], Field(max_length=100)
    ]


Event = Annotated[Heartbeat | QuizAnswers, Field(discriminator="type")]


class Post(Message):
    """Events of one play session. `resource_id`, if given, must be the token's. `token` is read
    only where no Authorization header is sent.
    """

    resource_id: Id | None = None
    token: str | None = None
    events: Annotated[list[Event], Field(min_length=1)]


class Envelope(Message):
    """A post whose events have not been looked at."""

    resource_id: Id | None = None
    events: Annotated[list[Any], Field(min_length=1)]


class QuizPlace(Message):
    """A quiz of the resource, where it stands, and the names of its questions."""

    quiz_id: str
    at_seconds: float
    questions: list[str]


class ResourceFacts(Message):
    kind: Literal["video", "text"]
    duration_seconds: float


class OpenedPlay(Message):
    """An open play session; instants in epoch milliseconds."""

    session_id: str
    token: str
    opened_at: EpochMs
    expires_at: EpochMs
    heartbeat_seconds: int
    resource: ResourceFacts
    quizzes: list[QuizPlace]


class Accepted(Message):
    """How many events Kafka has acknowledged."""

    accepted: int


class ErrorEntry(Message):
    """What is wrong, and where: loc is a path such as ["events", 3, "to"]."""

    loc: list[str | int]
    type: str
    msg: str


class Refused(Message):
    """Which events were refused; `accepted` others are safe and need not be sent again."""

    accepted: int
    errors: list[ErrorEntry]


POST: TypeAdapter[Post] = TypeAdapter(Post)
EVENT: TypeAdapter[Heartbeat | QuizAnswers] = TypeAdapter(Event)
