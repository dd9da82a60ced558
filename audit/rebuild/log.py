"""The logs that credit follows from, one partition at a time, in the order of arrival."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from audit.evidence import Stored, stored
from audit.reference.log import Answered, Entry, Played
from pipeline.agents.decoding import batch_rows, decode_batch, decode_by
from pipeline.agents.rejecting import Refused
from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import end_offsets
from pipeline.schemas.adjustments import ADJUSTMENT, AnyAdjustment
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.telemetry import QuizEvent, TelemetryBatch
from pipeline.schemas.topics import ADJUSTMENTS, ENROLMENTS, TELEMETRY
from pipeline.settings import Settings

TOPICS = (TELEMETRY.name, ENROLMENTS.name, ADJUSTMENTS.name)


R = TypeVar("R", Enrolment, AnyAdjustment)


@dataclass(slots=True)
class Log:
    """The stored telemetry, enrolments and adjustments of one Kafka; what is read is counted.

    `counts`: "events" that could be read, and those "unreadable" or of a "stranger", who lives on
    another partition; the workers refuse both. `lost` says, by topic and partition, how many
    records were no longer there: retention has taken the beginning.
    """

    settings: Settings
    bootstrap: str
    counts: Counter[str] = field(default_factory=Counter)
    lost: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def partitions(self) -> range:
        return range(self.settings.partitions)

    def ends(self) -> dict[tuple[str, int], int]:
        """Next offset by topic and partition.

        Raises:
            BrokerError: Kafka does not answer, or its topics are not those of the settings.
        """
        found = {name: end_offsets(self.bootstrap, self.settings.topic(name)) for name in TOPICS}
        for name, ends in found.items():
            if len(ends) != len(self.partitions):
                raise BrokerError(
                    f"{self.settings.topic(name)} has {len(ends)} partitions, not "
                    f"{len(self.partitions)}: set XUESHI_PARTITIONS={len(ends)}")
        return {(name, at): end for name, ends in found.items() for at, end in ends.items()}

    def owns(self, partition: int, teacher_id: str) -> bool:
        """Whether the teacher lives on the partition."""
        return partition_of(teacher_id, self.settings.partitions) == partition

    def enrolments(self, partition: int) -> Iterator[Enrolment]:
        """Who enrolled in what. Raises BrokerError."""
        return self._decoded(ENROLMENTS.name, partition, Enrolment.model_validate_json)

    def decisions(self, partition: int) -> Iterator[AnyAdjustment]:
        """What people decided. Raises BrokerError."""
        return self._decoded(ADJUSTMENTS.name, partition, ADJUSTMENT.validate_json)

    def _decoded(
        self, name: str, partition: int, read: Callable[[bytes], R]
    ) -> Iterator[R]:
        for record in self._records(name, partition):
            found = decode_by(read, record.value)
            if isinstance(found, Refused):
                self.counts["unreadable"] += 1
            elif self.owns(partition, found.teacher_id):
                yield found
            else:
                self.counts["stranger"] += 1

    def events(self, partition: int) -> Iterator[tuple[str, Entry]]:
        """Every event with its teacher, in the order in which the workers take them: those of a
        record after those of the one before, and in a record its heartbeats first.

        Raises:
            BrokerError: Kafka does not answer.
        """
        for record in self._records(TELEMETRY.name, partition):
            batch, refused = decode_batch(record.value)
            self.counts["unreadable"] += sum(one.count for one in refused)
            for teacher_id, entry in entries(batch) if batch is not None else ():
                known = self.owns(partition, teacher_id)
                self.counts["events" if known else "stranger"] += 1
                if known:
                    yield teacher_id, entry

    def _records(self, name: str, partition: int) -> Iterator[Stored]:
        is_first = True
        for record in stored(self.bootstrap, self.settings.topic(name), [partition]):
            if is_first and record.offset:
                self.lost[name, partition] = record.offset
            is_first = False
            yield record


def entries(batch: TelemetryBatch) -> Iterator[tuple[str, Entry]]:
    """A record's events with their teachers, its heartbeats first."""
    for at, teacher, resource_id, session_id, opened_at, seq, start, end, rate in batch_rows(batch):
        yield teacher, Played(resource_id, session_id, opened_at, seq, at, start, end, rate)
    for quiz in batch.quizzes:
        yield quiz.teacher_id, _answered(quiz)


def _answered(quiz: QuizEvent) -> Answered:
    return Answered(quiz.resource_id, quiz.session_id, quiz.opened_at, quiz.seq,
                    quiz.received_at, quiz.quiz_id, quiz.answers)
