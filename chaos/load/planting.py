"""Hostile records with their exact refusals, each about a teacher of its own."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chaos.hostile import KafkaValue, Subject, other_values, telemetry_values
from chaos.load.expected import Refusals
from pipeline.rules.programme import Catalogue, Resource
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.rejections import Reason
from pipeline.schemas.topics import REJECTIONS, ROSTER_TOPIC, TELEMETRY
from pipeline.settings import Settings
from simulator.catalogue import CatalogueError

MARK = "planted"
HOUR_MS = 3600 * 1000
PIECES = 450
LAST_CASE = 999
ONE_PARTITION = {ROSTER_TOPIC.name, REJECTIONS.name}


@dataclass(frozen=True, slots=True)
class Planted:
    """One record for `topic` (short name): `count` events of it are refused for `reason`."""

    topic: str
    partition: int
    value: bytes | None
    reason: Reason
    count: int = 1

    @property
    def key(self) -> bytes:
        """The record's key: whoever reads the topic knows by it what is to be refused."""
        return f"{MARK}:{self.reason}:{self.count}".encode()


def refusal_of(key: bytes | None) -> tuple[str, int] | None:
    """Reason and number of refused events of a planted record; None for any other."""
    mark, _, rest = (key or b"").decode(errors="replace").partition(":")
    reason, _, count = rest.partition(":")
    return (reason, int(count)) if mark == MARK else None


def planted(settings: Settings, catalogue: Catalogue, prefix: str, rounds: int) -> list[Planted]:
    """The whole corpus `rounds` times, for every topic that anybody reads; ids have `prefix`.

    Raises:
        CatalogueError: no programme has a video of a minute with a quiz.
    """
    subject = _subject(catalogue)
    return [one for number in range(rounds)
            for one in _once(settings, catalogue, subject, f"{prefix}hostile-{number}-")]


def refusals(records: Iterable[Planted]) -> Refusals:
    """Refused events by topic and reason."""
    found: Refusals = Counter()
    for record in records:
        found[record.topic, str(record.reason)] += record.count
    return found


def _subject(catalogue: Catalogue) -> Subject:
    for resource in catalogue.resources.values():
        if resource.quizzes and resource.duration_ms >= 60_000:
            return _about(catalogue, resource)
    raise CatalogueError("no programme has a video of a minute with a quiz to be hostile about")


def _about(catalogue: Catalogue, video: Resource) -> Subject:
    """Nobody yet; a day into the first window that holds for the video."""
    places = [listing.programme for listing in catalogue.listings[video.id]]
    opened_at = places[0].window.opens_at + 24 * HOUR_MS
    limits = [p.quiz_attempts for p in places
              if p.window.opens_at <= opened_at < p.window.closes_at]
    return Subject(
        "", "", video.id, video.quizzes[0].id, video.duration_ms,
        opened_at, max(p.gap_tolerance_ms for p in places),
        None if None in limits else max(limit for limit in limits if limit is not None),
    )


def _once(
    settings: Settings, catalogue: Catalogue, subject: Subject, name: str
) -> Iterator[Planted]:
    # A packed id has its length beside it: what stands for an id must be as long as it.
    width = len(f"{name}{LAST_CASE}")
    subject = replace(subject, teacher="T" * width, session="S" * (width + len("s-")))
    cases = [(case, 1) for case in telemetry_values(subject)] + list(_claims(subject))
    for number, (case, count) in enumerate(cases):
        yield _of_telemetry(settings, subject, case, count, f"{name}{number:03}")
    teacher, programme = f"{name}t", next(iter(catalogue.programmes))
    for topic, values in other_values(teacher, programme).items():
        for case in values:
            yield Planted(topic, _partition(settings, topic, teacher), case.value, case.reason)


def _of_telemetry(
    settings: Settings, subject: Subject, case: KafkaValue, count: int, teacher: str
) -> Planted:
    """The case about this teacher alone: one must not spend the time of another (rule 16)."""
    partition = _partition(settings, TELEMETRY.name, teacher)
    if case.reason is Reason.WRONG_PARTITION:
        partition = (partition + 1) % settings.partitions
    value = case.value and case.value.replace(
        subject.teacher.encode(), teacher.encode()).replace(
        subject.session.encode(), f"s-{teacher}".encode())
    return Planted(TELEMETRY.name, partition, value, case.reason, count)


def _partition(settings: Settings, topic: str, teacher: str) -> int:
    return 0 if topic in ONE_PARTITION else partition_of(teacher, settings.partitions)


def _claims(s: Subject) -> Iterator[tuple[KafkaValue, int]]:
    """Claims that only the state of the teacher, or of the worker, tells to be wrong."""
    first = s.received_at
    at_once = s.value(received_at=[s.opened_at + 1000], to=[60_000])
    long_ago = s.value(rows=2, received_at=[first + 25 * HOUR_MS, first])
    yield KafkaValue("another's partition", s.value(), Reason.WRONG_PARTITION), 1
    yield KafkaValue("a minute within a second", at_once, Reason.NO_TIME_LEFT), 1
    yield KafkaValue("a day behind", long_ago, Reason.TOO_OLD), 1
    yield KafkaValue("pieces without end", _pieces(s), Reason.TOO_SCATTERED), PIECES - 400
    if s.attempts is not None:
        guesses = [s.quiz_row(seq=number) for number in range(1, s.attempts + 2)]
        guessing = s.value(rows=0, quizzes=guesses)
        yield KafkaValue("one guess too many", guessing, Reason.TOO_MANY_ATTEMPTS), 1


def _pieces(s: Subject) -> bytes:
    """State that would grow without bound: loose pieces of a millisecond each."""
    batch = s.batch(rows=PIECES, received_at=[s.received_at] * PIECES)
    starts = range(0, 2 * PIECES, 2)
    return json.dumps(batch | {"from": list(starts), "to": [at + 1 for at in starts]}).encode()
