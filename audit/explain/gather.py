"""Read from Kafka what is stored about one teacher and one resource."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audit.evidence import Stored, stored
from audit.explain.records import (
    Damaged,
    Evidence,
    Extent,
    Logged,
    adjustments,
    enrolments,
    is_on_roster,
    read,
    rejections,
)
from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import end_offsets
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.topics import ADJUSTMENTS, ENROLMENTS, REJECTIONS, ROSTER_TOPIC, TELEMETRY
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stored records of one Kafka, as far as they can be about one teacher."""

    settings: Settings
    bootstrap: str
    teacher_id: str

    def evidence(self, resource_id: str, since: int | None) -> Evidence:
        """All that is stored; of telemetry and rejections what was stored from `since` on.

        Raises:
            BrokerError: Kafka does not answer, or its topics are not those of the settings.
        """
        end = self._end_of_telemetry()
        records = self._records(TELEMETRY.name, [self._partition], since)
        events, damages, extent = scan(records, self.teacher_id, resource_id, since, end)
        enrolled = tuple(enrolments(self._records(ENROLMENTS.name, [self._partition], None),
                                    self.teacher_id))
        decided = tuple(adjustments(self._records(ADJUSTMENTS.name, [self._partition], None),
                                    self.teacher_id))
        refused = tuple(rejections(self._records(REJECTIONS.name, None, since), self.teacher_id))
        known = bool(events or enrolled or decided) or self._is_on_roster()
        return Evidence(self.teacher_id, resource_id, tuple(events), tuple(damages), enrolled,
                        decided, refused, known, extent)

    @property
    def _partition(self) -> int:
        return partition_of(self.teacher_id, self.settings.partitions)

    def _records(
        self, name: str, partitions: list[int] | None, since: int | None
    ) -> Iterator[Stored]:
        return stored(self.bootstrap, self.settings.topic(name), partitions, since)

    def _end_of_telemetry(self) -> int:
        """The teacher's partition is looked for where the settings say, so they must be right."""
        topic = self.settings.topic(TELEMETRY.name)
        ends = end_offsets(self.bootstrap, topic)
        if len(ends) != self.settings.partitions:
            raise BrokerError(f"{topic} has {len(ends)} partitions, not "
                              f"{self.settings.partitions}: set XUESHI_PARTITIONS={len(ends)}")
        return ends[self._partition]

    def _is_on_roster(self) -> bool:
        """A topic of all teachers: read only where nothing else is known of this one."""
        return any(is_on_roster(record, self.teacher_id)
                   for record in self._records(ROSTER_TOPIC.name, None, None))


def scan(
    records: Iterable[Stored], teacher_id: str, resource_id: str, since: int | None, end: int
) -> tuple[list[Logged], list[Damaged], Extent]:
    """What the telemetry records of a partition, which ended at `end`, have of the teacher."""
    events: list[Logged] = []
    damages: list[Damaged] = []
    first: Stored | None = None
    count = size = 0
    for record in records:
        first = first or record
        count, size = count + 1, size + len(record.value or b"")
        found, spoilt = read(record, teacher_id, resource_id)
        events += found
        damages += spoilt
    extent = Extent(count, size, first.offset if first else end, first.at if first else None,
                    since)
    return events, damages, extent
