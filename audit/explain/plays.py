"""What was played in each session, and how each quiz was answered; from judged events."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from audit.explain.parts import play_of
from audit.explain.replay import Judged
from pipeline.rules.intervals import Spans, add
from pipeline.rules.programme import Catalogue, Listing, Quiz
from pipeline.rules.quiz import counts_as_passed, share_right
from pipeline.rules.watching import Heartbeat, QuizAnswers, Verdict, counts


@dataclass(slots=True)
class PlaySession:
    """One play session of the resource. Instants are epoch ms, positions media ms.

    watched    stretches that were accepted, whether or not inside a programme's window
    rates      slowest and fastest accepted rate in per cent; None where nothing was accepted
    counts_in  ids of the programmes whose window holds something that was accepted (12)
    """

    session_id: str
    opened_at: int
    first_at: int
    last_at: int
    watched: Spans = field(default_factory=list)
    rates: tuple[int, int] | None = None
    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    counts_in: tuple[str, ...] = ()


def sessions(judged: Iterable[Judged], listings: Sequence[Listing]) -> tuple[PlaySession, ...]:
    """The sessions in the order in which they were opened."""
    found: dict[str, PlaySession] = {}
    for one in judged:
        event = one.logged.event
        play = play_of(event.session_id)
        session = found.setdefault(play, PlaySession(
            play, event.opened_at, event.received_at, event.received_at))
        _note(session, one, listings)
    return tuple(sorted(found.values(), key=lambda s: (s.opened_at, s.first_at, s.session_id)))


def _note(session: PlaySession, one: Judged, listings: Sequence[Listing]) -> None:
    event = one.logged.event
    session.first_at = min(session.first_at, event.received_at)
    session.last_at = max(session.last_at, event.received_at)
    if one.again or one.verdict is Verdict.REPEATED:
        session.repeated += 1
    elif one.is_refused:
        session.refused += 1
    else:
        session.accepted += 1
        session.counts_in = tuple(
            place.programme.id for place in listings if place.programme.id in session.counts_in
            or counts(place.programme, event.received_at, event.opened_at))
        _note_stretch(session, event, listings[0].resource.duration_ms)


def _note_stretch(session: PlaySession, event: Heartbeat | QuizAnswers, duration_ms: int) -> None:
    if isinstance(event, Heartbeat):
        add(session.watched, event.start, min(event.end, duration_ms))
        slowest, fastest = session.rates or (event.rate, event.rate)
        session.rates = min(slowest, event.rate), max(fastest, event.rate)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Answers that were handed in: `right` of `of` questions, never which (rule 10).

    inside  ids of the programmes whose window holds it
    beyond  ids of those of them that did not look at it, as it came too often (10 ⚙)
    passed  ids of those in which it passes the quiz
    """

    quiz_id: str
    at_ms: int
    received_at: int
    session_id: str
    right: int
    of: int
    inside: tuple[str, ...]
    beyond: tuple[str, ...]
    passed: tuple[str, ...]

    def looked_at_in(self, programme_id: str) -> bool:
        """Whether it is an attempt in that programme."""
        return programme_id in self.inside and programme_id not in self.beyond


def attempts(
    judged: Iterable[Judged], catalogue: Catalogue, resource_id: str
) -> Iterator[Attempt]:
    """The accepted attempts at the resource's quizzes, in order of arrival."""
    quizzes = {quiz.id: quiz for quiz in catalogue.resources[resource_id].quizzes}
    for one in judged:
        event = one.logged.event
        if isinstance(event, QuizAnswers) and one.verdict is Verdict.ACCEPTED:
            beyond = tuple(limited.programme_id for limited in one.beyond)
            yield _attempt(event, quizzes[event.quiz_id], catalogue.listings[resource_id], beyond)


def _attempt(
    event: QuizAnswers, quiz: Quiz, listings: Sequence[Listing], beyond: tuple[str, ...]
) -> Attempt:
    inside = [p.programme for p in listings
              if counts(p.programme, event.received_at, event.opened_at)]
    return Attempt(
        quiz.id, quiz.at_ms, event.received_at, play_of(event.session_id),
        right=round(share_right(quiz, event.answers) * len(quiz.key)), of=len(quiz.key),
        inside=tuple(p.id for p in inside),
        beyond=beyond,
        passed=tuple(p.id for p in inside
                     if p.id not in beyond and counts_as_passed(p, quiz, event.answers)),
    )
