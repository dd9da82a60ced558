"""What the harness tells an engine; how a record is read and a full view written."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import msgspec
import orjson
from merging import needed_of

Ms = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Batch(msgspec.Struct, gc=False):
    """One record of the input in its columns; quizzes are not part of this job."""

    v: int
    received_at: list[Ms]
    teacher_id: list[Id]
    resource_id: list[Id]
    session_id: list[Id]
    opened_at: list[Ms]
    seq: list[Ms]
    start: list[Ms] = msgspec.field(name="from")
    end: list[Ms] = msgspec.field(name="to")
    rate: list[Ms] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises ValueError when the columns differ in length."""
        columns = (self.received_at, self.teacher_id, self.resource_id, self.session_id,
                   self.opened_at, self.seq, self.start, self.end, self.rate)
        if len(set(map(len, columns))) != 1:
            raise ValueError("columns differ in length")

    def events(self) -> Iterator[tuple[tuple[str, str], str, int, int]]:
        """What `merging.take` takes, by (teacher, resource)."""
        return zip(zip(self.teacher_id, self.resource_id, strict=True), self.resource_id,
                   self.start, self.end, strict=True)


decode = msgspec.json.Decoder(Batch).decode
"""A record's columns; raises ValueError where it is no such record."""


def full_view(teacher: str, resource: str) -> bytes:
    """The value of the output's record."""
    return orjson.dumps({"teacher_id": teacher, "resource_id": resource})


@dataclass(frozen=True)
class Job:
    """One run, as the environment says it."""

    servers: str
    input: str
    output: str
    group: str
    state: Path
    flush_seconds: float
    needed: dict[str, int]
    ends: dict[int, int]

    @classmethod
    def from_environment(cls) -> Self:
        """Raises KeyError when a variable is missing, OSError when a file is."""
        env = os.environ
        ends = json.loads(Path(env["BENCH_ENDS"]).read_text())
        return cls(
            env["KAFKA_BOOTSTRAP_SERVERS"], env["BENCH_INPUT"], env["BENCH_OUTPUT"],
            env["BENCH_GROUP"], Path(env["BENCH_STATE_DIR"]), float(env["BENCH_FLUSH_SECONDS"]),
            needed_of(json.loads(Path(env["BENCH_RESOURCES"]).read_text())),
            {int(partition): end for partition, end in ends.items() if end > 0},
        )
