"""`rejections`: what could not be taken, why, and its raw bytes, so that nothing is lost (19)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pipeline.schemas.base import EpochMs, Id, Record


class Reason(StrEnum):
    """Reason codes; the text beside each is what the reference page shows."""

    MALFORMED = "malformed"                # not JSON, a wrong type, a column too long or short
    UNKNOWN_VERSION = "unknown_version"    # `v` is not a version this build can read
    TOMBSTONE = "tombstone"                # a record without a value
    WRONG_PARTITION = "wrong_partition"    # the teacher does not live on this partition
    UNKNOWN_RESOURCE = "unknown_resource"  # no programme lists the resource
    UNKNOWN_PROGRAMME = "unknown_programme"  # no such programme file
    UNKNOWN_QUIZ = "unknown_quiz"          # the resource has no such quiz
    BAD_STRETCH = "bad_stretch"            # reversed, empty, or beyond the end of the video
    TOO_SCATTERED = "too_scattered"        # one loose piece too many of a video, or of its numbers
    NO_TIME_LEFT = "no_time_left"          # rule 16: the teacher's wall clock is spent
    TOO_OLD = "too_old"                    # older than the memory kept for telling repeats


class Rejection(Record):
    """Why `count` events of the record at (topic, partition, offset) were refused.

    The identity is (topic, partition, offset, reason, session_id): repeats after a crash are
    the same rejection. `raw` is the whole record where it could not be read, else the refused rows
    as a batch of their own (base64url in JSON). Ids are given where one teacher's claim was
    refused.
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
