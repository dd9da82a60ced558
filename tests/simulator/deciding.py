"""The pipeline's rules over a stream of events, without any of its machinery."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pipeline.rules import credit, watching
from pipeline.rules.programme import Catalogue
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.actions import Beat
from simulator.bulk import Arrival
from simulator.comparison import Actual
from simulator.world import World

Event = watching.Heartbeat | watching.QuizAnswers


def of_arrival(arrival: Arrival) -> Iterator[tuple[str, Event]]:
    """The events of a post, with their teacher."""
    of_session = (arrival.resource_id, arrival.session_id, arrival.opened_at)
    for event in arrival.post.events:
        if isinstance(event, Beat):
            yield arrival.teacher_id, watching.Heartbeat(
                *of_session, event.seq, arrival.at, event.start, event.end, event.rate)
        else:
            answers = {question: list(given) if isinstance(given, tuple) else given
                       for question, given in event.answers.items()}
            yield arrival.teacher_id, watching.QuizAnswers(
                *of_session, event.seq, arrival.at, event.quiz_id, answers)


def of_batch(batch: TelemetryBatch) -> Iterator[tuple[str, Event]]:
    """The events of a record, with their teachers."""
    rows = zip(batch.resource_id, batch.session_id, batch.opened_at, batch.seq,
               batch.received_at, batch.start, batch.end, batch.rate, strict=True)
    for teacher_id, row in zip(batch.teacher_id, rows, strict=True):
        yield teacher_id, watching.Heartbeat(*row)
    for quiz in batch.quizzes:
        yield quiz.teacher_id, watching.QuizAnswers(
            quiz.resource_id, quiz.session_id, quiz.opened_at, quiz.seq, quiz.received_at,
            quiz.quiz_id, quiz.answers)


def decide(world: World, events: Iterable[tuple[str, Event]]) -> tuple[Actual, Counter[str]]:
    """Everybody's figures by the rules, and how the events were judged."""
    catalogue = load_catalogue(Settings().programmes_dir)
    viewers = {person.id: watching.Viewer() for person in world.population.people}
    accounts = {person.id: credit.Account() for person in world.population.people}
    verdicts: Counter[str] = Counter()
    for teacher_id, event in events:
        news: list[watching.Milestone] = []
        verdicts[str(_take(viewers[teacher_id], catalogue, event, news))] += 1
        for one in (milestone for milestone in news if milestone.status == "done"):
            credit.mark_done(accounts[teacher_id], one.programme_id, one.resource_id, one.at)
    for person in world.population.people:
        for enrols in world.plan(person).enrols:
            credit.enrol(accounts[person.id], enrols.programme_id, enrols.at)
    return _figures(catalogue, accounts), verdicts


def _take(viewer: watching.Viewer, catalogue: Catalogue, event: Event,
          news: list[watching.Milestone]) -> watching.Verdict:
    if isinstance(event, watching.Heartbeat):
        return watching.hear(viewer, catalogue, event, news)
    return watching.hand_in(viewer, catalogue, event, news)


def _figures(catalogue: Catalogue, accounts: dict[str, credit.Account]) -> Actual:
    courses: dict[tuple[str, str, str], tuple[int, int]] = {}
    recognised: dict[tuple[str, str], int] = {}
    for teacher_id, one in accounts.items():
        for programme in catalogue.programmes.values():
            standing = credit.standing(programme, one)
            recognised[teacher_id, programme.id] = standing.recognised
            for course in standing.courses:
                courses[teacher_id, programme.id, course.course_id] = (
                    course.learned, course.credited)
    return Actual(courses, recognised)
