"""`ledger`: every change of a teacher's standing in a programme, in order, for ever."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.schemas.base import EpochMs, Id, Record, Seconds

LedgerKind = Literal[
    "enrolled", "started", "learned", "credited", "completed", "reopened",
    "granted", "withdrawn", "held", "opened", "reversed",
]


class LedgerEntry(Record):
    """One change. `seq` counts 1, 2, 3 … per (teacher, programme): it makes a repeat
    recognisable and a loss visible.

    kind       meaning                                              course_id resource_id
    enrolled   报名, directly or through another programme (21)      -         -
    started    the first accepted stretch in this programme          -         -
    learned    `seconds` were learned by completing a resource (12)  yes       yes
    credited   the course's credit changed without learning, as
               when enrolment arrives later (21)                     yes       -
    completed  every course has its required hours (3, 13)           -         -
    reopened   it is no longer completed: held, or hours withdrawn    -         -
    granted    `seconds` by decision; also withdrawn, and opened for
               an opening balance of `seconds` (5)                   yes       -
    held       nothing is recognised until the hold is reversed       -         -
    reversed   the adjustment `reverses` was taken back              as it had  -

    The last five are what people decide: they have `adjustment_id`, `by` (who) and `reason`.

    `learned` and `credited` are the course's totals in seconds after this entry (0 where
    no course is named), so that a reader never has to apply a rule again.
    """

    teacher_id: Id
    programme_id: Id
    seq: Annotated[int, Field(ge=1)]
    kind: LedgerKind
    at: EpochMs
    course_id: Id | None = None
    resource_id: Id | None = None
    seconds: Seconds = 0
    learned: Seconds = 0
    credited: Seconds = 0
    adjustment_id: Id | None = None
    reverses: Id | None = None
    by: Id | None = None
    reason: Annotated[str, Field(min_length=1, max_length=500)] | None = None


Line = tuple[str, int, str | None, str | None, int, int, int]
"""kind, at, course_id, resource_id, seconds, learned, credited: as in a `LedgerEntry`."""


def entry_json(teacher_id: str, programme_id: str, seq: int, line: Line) -> bytes:
    """A `LedgerEntry` that nobody decided, as it stands on the wire, of values that are checked
    already: ids need no escapes.
    """
    kind, at, course_id, resource_id, seconds, learned, credited = line
    course = "" if course_id is None else f'"course_id":"{course_id}",'
    resource = "" if resource_id is None else f'"resource_id":"{resource_id}",'
    return (f'{{"v":1,"teacher_id":"{teacher_id}","programme_id":"{programme_id}","seq":{seq},'
            f'"kind":"{kind}","at":{at},{course}{resource}"seconds":{seconds},'
            f'"learned":{learned},"credited":{credited}}}').encode()
