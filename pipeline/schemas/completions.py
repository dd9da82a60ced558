"""`completions`: what the watching agent decided about one teacher and one resource."""

from typing import Literal

from pipeline.schemas.base import EpochMs, Id, Record


class Completion(Record):
    """A resource was started, or done, in a programme (rules 4, 8, 12).

    `at` is the receive time of the event that brought it about. A record may be repeated
    after a crash; (teacher, programme, resource, status) is its identity.
    """

    teacher_id: Id
    programme_id: Id
    resource_id: Id
    status: Literal["started", "done"]
    at: EpochMs
