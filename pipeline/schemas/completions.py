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


def completion_json(
    teacher_id: str, programme_id: str, resource_id: str, status: str, at: int
) -> bytes:
    """A `Completion` as it stands on the wire, of values that are checked already: ids need no
    escapes. The watching agent makes one for every thirtieth heartbeat; a model takes ten times
    as long.
    """
    return (f'{{"v":1,"teacher_id":"{teacher_id}","programme_id":"{programme_id}",'
            f'"resource_id":"{resource_id}","status":"{status}","at":{at}}}').encode()
