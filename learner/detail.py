"""One resource's own page: every stretch that is missing, and where to play on."""

from dataclasses import dataclass

from learner.reasons import notes, reasons
from learner.said import Resource
from learner.view import KINDS, MARKS, listing
from learner.wording import pairs, place, stretch
from pipeline.rules.intervals import total
from pipeline.rules.programme import Catalogue, Listing
from pipeline.said import InProgramme, ResourceDetail


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture of the whole resource, 1000 wide: covered stretches (from, width), quizzes."""

    covered: tuple[tuple[int, int], ...]
    quizzes: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """What has to be watched again behind a passed quiz."""

    quiz: str
    stretches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The resource in one programme."""

    programme: str
    course: str
    mark: str
    state: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    again: tuple[Again, ...]
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class DetailView:
    """`continue_at`: where to play on, "" where nothing is missing."""

    title: str
    kind: str
    length: str
    notes: tuple[str, ...]
    continue_at: str
    continue_at_ms: int
    standings: tuple[Standing, ...]


def detail_view(of: ResourceDetail, catalogue: Catalogue) -> DetailView | None:
    """None if this server's programmes do not list it."""
    found = [(one, known) for one in of.programmes
             if (known := listing(catalogue, one.programme_id, of.resource_id))]
    if not found:
        return None
    resource = found[0][1].resource
    is_open = any(one.state != "done" for one, _ in found)
    return DetailView(
        title=resource.title, kind=KINDS[resource.kind], length=place(resource.duration_ms),
        notes=tuple(notes(_as_said(*found[0]))),
        continue_at=place(of.continue_at_ms) if is_open else "",
        continue_at_ms=of.continue_at_ms,
        standings=tuple(_standing(one, known) for one, known in found),
    )


def _standing(one: InProgramme, known: Listing) -> Standing:
    mark, state = MARKS[one.state]
    return Standing(
        programme=known.programme.name, course=known.course.name, mark=mark, state=state,
        reasons=tuple(reasons(_as_said(one, known), known)),
        missing=_missing(one, known), again=_again(one, known),
        timeline=_timeline(one, known),
    )


def _as_said(one: InProgramme, known: Listing) -> Resource:
    """The same as in the answer that has all resources; what was watched in vain is not in it."""
    resource = known.resource
    return Resource(
        resource_id=resource.id, kind=resource.kind, title=resource.title,
        credit_seconds=resource.credit_seconds, state=one.state, done_at=None, watch_time_ms=0,
        covered_ms=total(one.covered), missing_ms=one.missing,
        quizzes_open=[quiz.quiz_id for quiz in one.quizzes if not quiz.passed],
        tail_missing_ms={quiz.quiz_id: total(quiz.missing_after)
                         for quiz in one.quizzes if quiz.passed},
    )


def _missing(one: InProgramme, known: Listing) -> tuple[str, ...]:
    """All of them; none while they are so short that they are forgiven (rule 9)."""
    if total(one.missing) <= known.programme.gap_tolerance_ms:
        return ()
    return tuple(stretch(*pair) for pair in pairs(one.missing))


def _again(one: InProgramme, known: Listing) -> tuple[Again, ...]:
    places = {quiz.id: quiz.at_ms for quiz in known.resource.quizzes}
    return tuple(
        Again(place(places.get(quiz.quiz_id, 0)),
              tuple(stretch(*pair) for pair in pairs(quiz.missing_after)))
        for quiz in one.quizzes
        if quiz.passed and total(quiz.missing_after) > known.programme.tail_tolerance_ms
    )


def _timeline(one: InProgramme, known: Listing) -> Timeline:
    whole = known.resource.duration_ms
    covered = tuple(
        (start * 1000 // whole, -(-(end - start) * 1000 // whole))
        for start, end in pairs(one.covered))
    share = total(one.covered) * 100 // whole
    verb = "已看" if known.resource.kind == "video" else "已读"
    return Timeline(covered, tuple(quiz.at_ms * 1000 // whole for quiz in known.resource.quizzes),
                    f"{verb} {share}%")
