"""What is posted and answered: shapes only, nothing about what is allowed.

Fields that are not known are ignored, as a newer player may send more; so is a score that a
player claims for itself (rule 10).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.said import ResourceDetail
from pipeline.schemas.base import EpochMs, Id
from pipeline.schemas.telemetry import MAX_POSITION_MS, Answer, Seq

PositionSeconds = Annotated[float, Field(
    ge=0, le=MAX_POSITION_MS / 1000, description="seconds from the video's beginning")]
Rate = Annotated[float, Field(ge=0.05, le=16, description="1.0 is normal speed")]
Choices = Annotated[list[Answer], Field(max_length=100)]


class Message(BaseModel):
    """JSON as it is, without conversions: "1" is no number and NaN is none either."""

    model_config = ConfigDict(
        strict=True, frozen=True, allow_inf_nan=False, extra="ignore", populate_by_name=True
    )


class OpenPlay(Message):
    """This teacher is about to play this resource. `progress` false: the answer need not say
    what was watched before, and no worker is asked.
    """

    teacher_id: Annotated[Id, Field(description="the account, never a phone number or a name")]
    resource_id: Annotated[Id, Field(description="as a programme file lists it")]
    progress: Annotated[bool, Field(description="say what was watched before")] = True


class Heartbeat(Message):
    """The stretch [from, to) of the video, in seconds, was played at `rate`."""

    type: Literal["heartbeat"]
    seq: Annotated[Seq, Field(description="unique in its play session")]
    start: PositionSeconds = Field(alias="from")
    end: PositionSeconds = Field(alias="to")
    rate: Rate


class QuizAnswers(Message):
    """The choices made in a quiz: question → one choice, or several."""

    type: Literal["quiz"]
    seq: Annotated[Seq, Field(description="unique in its play session")]
    quiz_id: Annotated[Id, Field(description="one of the play's `quizzes`")]
    answers: Annotated[
        dict[Annotated[str, Field(max_length=64)], Answer | Choices],
        Field(max_length=100, description="by question: one choice, or a list of several"),
    ]


Event = Annotated[Heartbeat | QuizAnswers, Field(discriminator="type")]


class Post(Message):
    """Events of one play session. `resource_id`, if given, must be the token's. `token` is read
    only where no Authorization header is sent.
    """

    resource_id: Annotated[Id | None, Field(description="the token's, or nothing")] = None
    token: Annotated[str | None, Field(description="only without Authorization header")] = None
    events: Annotated[list[Event], Field(
        min_length=1, description="at most `XUESHI_MAX_POST_EVENTS`, in the order of playing")]


class Envelope(Message):
    """A post whose events have not been looked at."""

    resource_id: Id | None = None
    events: Annotated[list[Any], Field(min_length=1)]


class ChoiceShown(Message):
    """`id` is what is handed in, `text` what is read."""

    id: str
    text: str


class QuestionShown(Message):
    """`id`: the question's name in what is handed in; `several`: more than one may be chosen."""

    id: str
    text: str
    several: bool
    choices: list[ChoiceShown]


class QuizPlace(Message):
    """A quiz of the resource, where it stands, and the names of its questions.

    `wording`: the same questions with what is read, in the same order; empty where the programme
    file has none, and the platform shows its own.
    """

    quiz_id: str
    at_seconds: float
    questions: list[str]
    wording: list[QuestionShown]


class ResourceFacts(Message):
    """What the programme file says of the resource."""

    kind: Literal["video", "text"]
    duration_seconds: float


class OpenedPlay(Message):
    """An open play session; instants in epoch milliseconds. `progress` is null where no worker
    answered within a second.
    """

    session_id: str
    token: Annotated[str, Field(description="what a player sends its events with")]
    opened_at: EpochMs
    expires_at: Annotated[EpochMs, Field(description="when the token ends")]
    heartbeat_seconds: Annotated[int, Field(description="how often to send what was played")]
    resource: ResourceFacts
    quizzes: list[QuizPlace]
    progress: ResourceDetail | None


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
