"""What a worker says of a teacher (agents/progress_api.py), as far as the page needs it; of
one resource: `pipeline.said`.
"""

from typing import Literal

from pydantic import Field

from pipeline.said import Said, Spans


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
    missing_ms: Spans = Field(default=[])
    quizzes_open: list[str] = Field(default=[])
    tail_missing_ms: dict[str, int] = Field(default={})


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
