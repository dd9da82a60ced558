"""Rule 10 ⚙ `quiz_attempts` explained: how many attempts were used, and when the next one counts.

Read off the real state, from outside. Nothing here decides.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.rules import attempts
from pipeline.rules.completion import Coverage
from pipeline.rules.programme import Catalogue, Programme, Quiz
from pipeline.rules.watching import QuizAnswers, Video, Viewer, counts


class Limited(NamedTuple):
    """The programme looks at `limit` hand-ins of the quiz within 24 hours. `used`: of those up to
    the moment in question. From `next_at` on, epoch ms, one more would have been looked at.
    """

    programme_id: str
    quiz_id: str
    limit: int
    used: int
    next_at: int


def limited(coverage: Coverage, programme: Programme, quiz: Quiz, at: int) -> Limited | None:
    """How it stands at the moment `at`; None where the programme has no limit."""
    limit = programme.quiz_attempts
    if limit is None:
        return None
    looked_at = coverage.attempts.get(quiz.id, [])
    return Limited(programme.id, quiz.id, limit, attempts.lately(looked_at, at),
                   attempts.next_room(looked_at, at, limit))


def beyond(viewer: Viewer, catalogue: Catalogue, handed: QuizAnswers) -> Iterator[Limited]:
    """The programmes for which it comes too often, before it is taken in."""
    video = viewer.videos.get(handed.resource_id) or Video()
    for programme, resource in ((one.programme, one.resource)
                                for one in catalogue.listings.get(handed.resource_id, ())):
        coverage = video.coverage.get(programme.id) or Coverage()
        if counts(programme, handed.received_at, handed.opened_at):
            for quiz in (one for one in resource.quizzes if one.id == handed.quiz_id):
                found = limited(coverage, programme, quiz, handed.received_at)
                if found is not None and found.next_at > handed.received_at:
                    yield found
