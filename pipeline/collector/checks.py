"""What one event may claim, judged against the catalogue. Pure."""

from typing import NamedTuple

from pipeline.collector.messages import Heartbeat, QuizAnswers
from pipeline.rules.programme import Catalogue, Resource
from pipeline.schemas.rejections import Reason


class ObjectionError(Exception):
    """An event is refused: the field, the error's type, what is wrong, and the reason code."""

    def __init__(
        self, field: str, type_: str, msg: str, reason: Reason = Reason.BAD_STRETCH,
        status: int = 422,
    ) -> None:
        super().__init__(msg)
        self.field, self.type, self.msg = field, type_, msg
        self.reason, self.status = reason, status


class Stretch(NamedTuple):
    """[start, end) in media milliseconds at `rate` per cent."""

    start: int
    end: int
    rate: int


def resource_of(catalogue: Catalogue, resource_id: str) -> Resource:
    """The resource. Raises ObjectionError if no programme lists it (any more)."""
    resource = catalogue.resources.get(resource_id)
    if resource is None:
        raise ObjectionError("type", "resource_gone", "no programme lists the play's resource",
                             Reason.UNKNOWN_RESOURCE)
    return resource


def stretch(catalogue: Catalogue, resource: Resource, beat: Heartbeat) -> Stretch:
    """What the heartbeat says was played (or read, ADR 8), cut off at the resource's end, as
    players round.

    Raises:
        ObjectionError: it is empty, reversed, or beyond the end by more than the tolerance.
    """
    start, end = _nearest(beat.start * 1000), _nearest(beat.end * 1000)
    if end <= start:
        raise ObjectionError("to", "empty_stretch", "must be greater than `from`")
    if end > resource.duration_ms:
        _require_inside(resource, start, end - _tolerance_ms(catalogue, resource))
    return Stretch(start, min(end, resource.duration_ms), _nearest(beat.rate * 100))


def require_quiz(catalogue: Catalogue, resource: Resource, handed: QuizAnswers) -> None:
    """Raises ObjectionError unless the quiz is this resource's. Its marking is not done here."""
    if any(quiz.id == handed.quiz_id for quiz in resource.quizzes):
        return
    if _is_elsewhere(catalogue, handed.quiz_id):
        raise ObjectionError("quiz_id", "quiz_of_another_resource",
                             "this resource has no such quiz, but another one has",
                             Reason.UNKNOWN_QUIZ, 403)
    raise ObjectionError("quiz_id", "unknown_quiz", "there is no such quiz", Reason.UNKNOWN_QUIZ)


def _nearest(value: float) -> int:
    """The nearest whole number of `value` ≥ 0; halves go up."""
    return int(value + 0.5)


def _require_inside(resource: Resource, start: int, end: int) -> None:
    msg = f"beyond the end at {resource.duration_ms / 1000} s"
    if start >= resource.duration_ms:
        raise ObjectionError("from", "beyond_the_end", msg)
    if end > resource.duration_ms:
        raise ObjectionError("to", "beyond_the_end", msg)


def _tolerance_ms(catalogue: Catalogue, resource: Resource) -> int:
    """The largest gap tolerance among the programmes that list the resource (rule 9)."""
    return max(place.programme.gap_tolerance_ms for place in catalogue.listings[resource.id])


def _is_elsewhere(catalogue: Catalogue, quiz_id: str) -> bool:
    return any(quiz.id == quiz_id
               for resource in catalogue.resources.values() for quiz in resource.quizzes)
