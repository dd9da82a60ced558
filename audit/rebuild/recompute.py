"""Everybody's figures by the reference, partition by partition.

The log of a partition is read once, as a stream; what stays in memory is what the reference
knows of that partition's teachers, not the log: some 20 KB of one with 1,200 heartbeats, and
10 KB for the figures to be compared. More partitions need less at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from audit.rebuild.figures import Figures, rebuilt_figures
from audit.rebuild.log import Log
from audit.reference.history import Teacher
from pipeline.rules.programme import Catalogue
from pipeline.schemas.adjustments import AnyAdjustment
from pipeline.schemas.enrolments import Enrolment

R = TypeVar("R", Enrolment, AnyAdjustment)


def recompute(
    log: Log, partition: int, catalogues: Sequence[Catalogue]
) -> Iterator[tuple[str, tuple[Figures, ...]]]:
    """Each teacher of the partition, in order of ids, with their figures by each catalogue.

    Raises:
        BrokerError: Kafka does not answer.
    """
    enrolments = _by_teacher(log.enrolments(partition))
    decisions = _by_teacher(log.decisions(partition))
    histories = _histories(log, partition, catalogues)
    for id_ in sorted({*histories, *enrolments, *decisions}):
        teachers = histories.pop(id_, None) or tuple(Teacher() for _ in catalogues)
        yield id_, tuple(
            rebuilt_figures(catalogue, teacher, enrolments.get(id_, ()), decisions.get(id_, ()))
            for catalogue, teacher in zip(catalogues, teachers, strict=True))


def _by_teacher(records: Iterable[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for one in records:
        found.setdefault(one.teacher_id, []).append(one)
    return found


def _histories(
    log: Log, partition: int, catalogues: Sequence[Catalogue]
) -> dict[str, tuple[Teacher, ...]]:
    found: dict[str, tuple[Teacher, ...]] = {}
    for teacher_id, entry in log.events(partition):
        teachers = found.get(teacher_id)
        if teachers is None:
            teachers = found[teacher_id] = tuple(Teacher() for _ in catalogues)
        for catalogue, teacher in zip(catalogues, teachers, strict=True):
            teacher.take(catalogue, entry)
    return found
