"""`rejections`: what could not be taken, why, and its raw bytes, so that nothing is lost (19)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from pipeline.schemas.base import EpochMs, Id, Record

PART_BYTES = 2 * 1024 * 1024
"""Raw bytes that one record carries at most: in base64 and JSON they stay under 3 MiB, which every
producer and the topic take."""


class Reason(StrEnum):
    """Reason codes; the text beside each is what the reference page shows."""

    MALFORMED = "malformed"                # not JSON, a wrong type, a column too long or short
    UNKNOWN_VERSION = "unknown_version"    # `v` is not a version this build can read
    TOMBSTONE = "tombstone"                # a record without a value
    WRONG_PARTITION = "wrong_partition"    # the teacher does not live on this partition
    UNKNOWN_RESOURCE = "unknown_resource"  # no programme lists the resource
    UNKNOWN_PROGRAMME = "unknown_programme"  # no such programme file
    UNKNOWN_COURSE = "unknown_course"      # the programme has no such course
    UNKNOWN_QUIZ = "unknown_quiz"          # the resource has no such quiz
    TOO_MANY_ATTEMPTS = "too_many_attempts"  # rule 10: handed in too often within 24 hours
    BAD_STRETCH = "bad_stretch"            # reversed, empty, or beyond the end of the video
    TOO_SCATTERED = "too_scattered"        # one loose piece too many: of a video, numbers, time
    NO_TIME_LEFT = "no_time_left"          # rule 16: the teacher's wall clock is spent
    TOO_OLD = "too_old"                    # older than the memory kept for telling repeats


class Identity(NamedTuple):
    """What makes two records the same rejection."""

    topic: str
    partition: int
    offset: int
    reason: Reason
    teacher_id: str | None
    resource_id: str | None
    session_id: str | None


class Rejection(Record):
    """Why `count` events of the record at (topic, partition, offset) were refused.

    The identity is (topic, partition, offset, reason, teacher_id, resource_id, session_id):
    repeats after a crash are the same rejection. `raw` is the whole record where it could not be
    read, else the refused rows as a JSON list (base64url in JSON). Ids are given where one
    teacher's claim was refused.
    A `raw` of more than 2 MiB goes on in further records of the same identity: `part` 0, 1, … of
    `parts`. All say the same `count`, and of each identity it counts once.
    What the collector refused before Kafka has topic "collector:<session>", partition -1, and
    as offset a number made from its bytes.
    """

    reason: Reason
    topic: Annotated[str, Field(max_length=249)]
    partition: Annotated[int, Field(ge=-1)]
    offset: Annotated[int, Field(ge=-1)]
    at: EpochMs
    count: Annotated[int, Field(ge=1)] = 1
    detail: Annotated[str, Field(max_length=500)] = ""
    teacher_id: Id | None = None
    resource_id: Id | None = None
    session_id: Id | None = None
    raw: bytes = b""
    part: Annotated[int, Field(ge=0)] = 0
    parts: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _part_is_one_of_them(self) -> Self:
        if self.part >= self.parts:
            raise ValueError("part must be less than parts")
        return self

    @property
    def identity(self) -> Identity:
        return Identity(self.topic, self.partition, self.offset, self.reason, self.teacher_id,
                        self.resource_id, self.session_id)

    def split(self) -> "list[Rejection]":
        """The records in which this rejection travels: itself, but for a large `raw`."""
        if len(self.raw) <= PART_BYTES:
            return [self]
        pieces = [self.raw[at : at + PART_BYTES] for at in range(0, len(self.raw), PART_BYTES)]
        return [self.model_copy(update={"raw": piece, "part": part, "parts": len(pieces)})
                for part, piece in enumerate(pieces)]


def joined(parts: Sequence[Rejection]) -> Rejection:
    """The rejection that was split into these, which are all of them and in order."""
    raw = b"".join(part.raw for part in parts)
    return parts[0].model_copy(update={"raw": raw, "part": 0, "parts": 1})
