"""What the harness tells an engine; how a record is read and a full view written."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from struct import Struct, unpack_from
from typing import NamedTuple, Self

import orjson
from merging import needed_of

HEAD = Struct("<B4I")
VERSION = 2


class Layout(NamedTuple):
    """Where a packed record has its parts, in bytes; `rows` of heartbeats, `numbers` of 32 each."""

    rows: int
    teachers: int
    sessions: int
    numbers: int
    resources: int
    quizzes: int


def layout(raw: bytes) -> Layout:
    """Raises ValueError or struct.error where it is no packed record, or shorter than it says."""
    version, rows, teachers, sessions, resources = HEAD.unpack_from(raw)
    sizes = teachers, sessions, 32 * rows, resources
    found = Layout(rows, *accumulate(sizes, initial=HEAD.size + 2 * rows))
    if version != VERSION or found.quizzes > len(raw):
        raise ValueError("no packed record")
    return found


def texts(joined: bytes, sizes: bytes) -> list[str]:
    """The ids, cut from one text. Raises ValueError: they are of another length, or not ASCII."""
    text, at = joined.decode("ascii"), 0
    found = [text[at:(at := at + size)] for size in sizes]
    if at != len(text):
        raise ValueError("ids of another length")
    return found


class Batch(NamedTuple):
    """The columns of a record that are part of this job."""

    teacher_id: list[str]
    resource_id: Sequence[str]
    start: Sequence[int]
    end: Sequence[int]

    def events(self) -> Iterator[tuple[tuple[str, str], str, int, int]]:
        """What `merging.take` takes, by (teacher, resource)."""
        return zip(zip(self.teacher_id, self.resource_id, strict=True), self.resource_id,
                   self.start, self.end, strict=True)


def decode(raw: bytes) -> Batch:
    """Its columns, of which no other is looked at, nor any value's bounds.

    Raises ValueError, IndexError or struct.error where it is no such record.
    """
    at = layout(raw)
    n = at.rows
    numbers = unpack_from(f"<{n}i{n}i{2 * n}x{n}H", raw, at.numbers + 20 * n)
    resources = raw[at.resources:at.quizzes].decode().split("\n")
    return Batch(texts(raw[at.teachers:at.sessions], raw[HEAD.size:HEAD.size + n]),
                 [resources[one] for one in numbers[2 * n:]], numbers[:n], numbers[n:2 * n])


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
