"""Send what was read to the topics it belongs to."""

from collections import Counter
from collections.abc import Iterable

from pipeline.broker.producing import Producer
from pipeline.schemas.adjustments import Decision
from pipeline.schemas.base import Record
from pipeline.schemas.enrolments import Enrolment
from pipeline.schemas.partitioning import partition_of
from pipeline.schemas.roster import Region, School, Teacher, Verification, roster_key
from pipeline.schemas.topics import ADJUSTMENTS, ENROLMENTS, ROSTER_TOPIC
from pipeline.settings import Settings


def send(producer: Producer, settings: Settings, records: Iterable[Record]) -> Counter[str]:
    """Send the records in their order; how many of each kind. Sent again, they change nothing.

    Raises:
        BrokerError: Kafka does not take a record.
    """
    sent: Counter[str] = Counter()
    for record in records:
        _send(producer, settings, record)
        sent[type(record).__name__] += 1
    return sent


def _send(producer: Producer, settings: Settings, record: Record) -> None:
    match record:
        case Region() | School() | Teacher() | Verification():
            producer.send(settings.topic(ROSTER_TOPIC.name), record.to_json(),
                          roster_key(record), 0)
        case Enrolment() | Decision():
            topic = ENROLMENTS if isinstance(record, Enrolment) else ADJUSTMENTS
            producer.send(settings.topic(topic.name), record.to_json(), record.teacher_id,
                          partition_of(record.teacher_id, settings.partitions))
        case _:
            raise TypeError(f"{type(record).__name__} is not imported")
