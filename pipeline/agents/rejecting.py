"""Refused input, on its way to `rejections` with its reason, its place and its raw bytes (19)."""

from dataclasses import dataclass

from pipeline.agents.flushing import Outgoing
from pipeline.schemas.rejections import Reason, Rejection


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input record stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused: whole records have no ids, claims have the ids of their play session."""

    reason: Reason
    raw: bytes
    count: int = 1
    detail: str = ""
    teacher_id: str | None = None
    resource_id: str | None = None
    session_id: str | None = None


def rejected(topic: str, place: Place, at: int, refused: Refused) -> list[Outgoing]:
    """The records for the `rejections` topic, which has one partition: one, but for large ones.

    A record that Kafka let in may be larger in base64 than any record it lets in; as a whole it
    could never be written, and would stop its partition for ever.
    """
    record = Rejection(
        reason=refused.reason,
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        at=at,
        count=refused.count,
        detail=refused.detail[:500],
        teacher_id=refused.teacher_id,
        resource_id=refused.resource_id,
        session_id=refused.session_id,
        raw=refused.raw,
    )
    return [Outgoing(topic, 0, refused.reason.encode(), part.to_json()) for part in record.split()]
