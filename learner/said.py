"""What a worker says of a teacher (agents/progress_api.py), as far as the page needs it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Spans = list[int]


class Said(BaseModel):
    """A newer worker may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Resource(Said):
    """Media milliseconds; `missing_ms` a flat list of stretches [from, to, …].

    Of a resource that is done, nothing stands open.
    """

    resource_id: str
    kind: Literal["video", "text"]
    title: str
    credit_seconds: int
    state: Literal["not_started", "started", "done"]
    done_at: int | None
    watch_time_ms: int
    covered_ms: int = 0
    missing_ms: Spans = []
    quizzes_open: list[str] = []
    tail_missing_ms: dict[str, int] = {}


class Amounts(Said):
    """Whole seconds. `reached`: credited ≥ required, rule 25's blue."""

    learned_seconds: int
    credited_seconds: int
    required_seconds: int
    reached: bool


class Course(Amounts):
    course_id: str
    name: str
    resources: list[Resource]


class Programme(Amounts):
    """Moments in epoch ms, None until they have come."""

    programme_id: str
    name: str
    seconds_per_hour: int
    recognised_seconds: int
    enrolled_at: int | None
    completed_at: int | None
    courses: list[Course]


class Progress(Said):
    """Everything of one teacher."""

    teacher_id: str
    programmes: list[Programme]


class QuizDetail(Said):
    """`missing_after`: what behind the quiz was not watched after it was passed."""

    quiz_id: str
    passed: bool
    missing_after: Spans


class InProgramme(Said):
    """Where a resource stands in one programme. Media milliseconds, flat lists of stretches."""

    programme_id: str
    state: Literal["not_started", "started", "done"]
    covered: Spans
    missing: Spans
    continue_at_ms: int
    quizzes: list[QuizDetail]


class ResourceDetail(Said):
    """One resource, in each programme that lists it."""

    teacher_id: str
    resource_id: str
    continue_at_ms: int
    programmes: list[InProgramme]
