"""`replays`: what was refused and was put back on its topic after a fix."""

from typing import Annotated, Self

from pydantic import Field

from pipeline.schemas.base import EpochMs, Id, Record
from pipeline.schemas.rejections import Identity, Reason, Rejection


class Replay(Record):
    """The rejection of this identity was put back at `at`; it stands, under the same topic, at
    (to_partition, to_offset).
    """

    reason: Reason
    topic: Annotated[str, Field(max_length=249)]
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    teacher_id: Id | None = None
    resource_id: Id | None = None
    session_id: Id | None = None
    at: EpochMs
    to_partition: Annotated[int, Field(ge=0)]
    to_offset: Annotated[int, Field(ge=0)]

    @classmethod
    def of(cls, rejection: Rejection, at: int, to_partition: int, to_offset: int) -> Self:
        """The record that says that the rejection was put back."""
        return cls(**rejection.identity._asdict(), at=at, to_partition=to_partition,
                   to_offset=to_offset)

    @property
    def identity(self) -> Identity:
        """That of the rejection."""
        return Identity(self.topic, self.partition, self.offset, self.reason, self.teacher_id,
                        self.resource_id, self.session_id)
