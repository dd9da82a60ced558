"""What a worker says of one teacher and one resource (agents/progress_api.py), as far as others
need it: the teacher's page, and through the collector a player.

What is not here does not get through: no right answers, no score, nothing of other teachers.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Spans = list[int]
"""A flat list of stretches, [from, to, from, to, …]."""


class Said(BaseModel):
    """A newer worker may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Attempts(Said):
    """⚙ `quiz_attempts` (rule 10): of `limit` hand-ins in any 24 hours `left` are looked at now.

    `next_at`: when the next one is, epoch ms; None while some are left.
    """

    limit: int
    left: int
    next_at: int | None


class QuizDetail(Said):
    """`missing_after`: what behind the quiz was not watched after it was passed.

    `attempts` is None where they are not limited, and where the resource is done.
    """

    quiz_id: str
    passed: bool
    missing_after: Spans
    attempts: Attempts | None = None


class InProgramme(Said):
    """Where a resource stands in one programme. Media milliseconds, flat lists of stretches.

    `counts_now`: whether what is watched at this moment counts there (rules 1, 12). `to_watch`:
    what still has to be played, the tolerances of rule 9 applied; behind a quiz that is not passed
    the rest comes on top.
    """

    programme_id: str
    state: Literal["not_started", "started", "done"]
    covered: Spans
    missing: Spans
    continue_at_ms: int
    quizzes: list[QuizDetail]
    counts_now: bool = True
    to_watch: Spans = []


class ResourceDetail(Said):
    """One resource, in each programme that lists it.

    `heard`: the numbers (seq) of the play session asked for that are decided, as stretches.
    """

    resource_id: str
    continue_at_ms: int
    programmes: list[InProgramme]
    heard: Spans = []
