"""A telemetry record as packed columns: what the collector writes, and workers read in place.

One byte of version, then (little-endian, without gaps) four lengths, what the ids are long, the ids
one after the other, the numbers by column, and as text the resources and the quizzes:

| part             | a heartbeat | of                                                           |
| ---------------- | ----------- | ------------------------------------------------------------ |
| version          |             | u8: 2. JSON, which is version 1, begins with another byte.   |
| lengths          |             | u32 heartbeats, bytes of `teachers`, `sessions`, `resources` |
| teacher_sizes    | u8          | bytes of each teacher's id                                   |
| session_sizes    | u8          | bytes of each play session's id                              |
| teachers         | text        | the teachers' ids                                            |
| sessions         | text        | the play sessions' ids                                       |
| received_at      | i64         | epoch ms                                                     |
| opened_at        | i64         | epoch ms                                                     |
| seq              | i32         |                                                              |
| from             | i32         | media ms                                                     |
| to               | i32         | media ms                                                     |
| rate             | i16         | per cent                                                     |
| resource         | i16         | which of `resources`, from 0                                 |
| resources        |             | the resources' ids, a line each                              |
| quizzes          |             | the rest: JSON, a list of `QuizEvent`                        |
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from struct import Struct, pack, unpack_from
from typing import Any, NamedTuple

from pydantic_core import from_json

VERSION = 2
FIRST = bytes([VERSION])
HEAD = Struct("<B4I")

COLUMNS = ("received_at", "teacher_id", "resource_id", "session_id", "opened_at", "seq",
           "from", "to", "rate")

Heartbeats = Sequence[tuple[int, str, str, str, int, int, int, int, int]]
"""A row each, in the order of COLUMNS."""


class Places(NamedTuple):
    """Where the parts of a record begin, in bytes; `rows` of heartbeats."""

    rows: int
    teacher_sizes: int
    session_sizes: int
    teachers: int
    sessions: int
    received_at: int
    opened_at: int
    seq: int
    start: int
    end: int
    rate: int
    resource: int
    resources: int
    quizzes: int


def is_packed(raw: bytes) -> bool:
    """Whether it is a record of this version."""
    return raw.startswith(FIRST)


def packed(rows: Heartbeats, quizzes: bytes) -> bytes:
    """The record of the heartbeats, and of quizzes that are a JSON list.

    Raises:
        ValueError: an id is longer than 255 bytes.
        struct.error: a number has no room in its column.
    """
    at, teachers, resource_ids, sessions, opened_at, seq, start, end, rate = (
        zip(*rows, strict=True) if rows else ((),) * 9)
    known = {resource_id: number for number, resource_id in enumerate(dict.fromkeys(resource_ids))}
    n, resources = len(rows), "\n".join(known).encode()
    teacher_sizes, teacher_texts = _joined(teachers)
    session_sizes, session_texts = _joined(sessions)
    return b"".join([
        HEAD.pack(VERSION, n, len(teacher_texts), len(session_texts), len(resources)),
        teacher_sizes, session_sizes, teacher_texts, session_texts,
        pack(f"<{n}q{n}q{n}i{n}i{n}i{n}h{n}h", *at, *opened_at, *seq, *start, *end, *rate,
             *map(known.__getitem__, resource_ids)),
        resources, quizzes,
    ])


def _joined(ids: Sequence[str]) -> tuple[bytes, bytes]:
    """How long each is, and all of them."""
    encoded = [one.encode() for one in ids]
    return bytes(map(len, encoded)), b"".join(encoded)


def values(raw: bytes) -> Any:
    """A record of either version as JSON values, NaN among them.

    Raises:
        ValueError: it is neither, or nested too deeply to be written again.
    """
    return unpacked(raw) if is_packed(raw) else from_json(raw, allow_inf_nan=True)


def places(raw: bytes) -> Places:
    """Where everything is. Raises ValueError: the record is shorter than it says."""
    if len(raw) < HEAD.size:
        raise ValueError("shorter than its head")
    _, n, teachers, sessions, resources = HEAD.unpack_from(raw)
    sizes = (n, n, teachers, sessions, 8 * n, 8 * n, 4 * n, 4 * n, 4 * n, 2 * n, 2 * n, resources)
    found = Places(n, *accumulate(sizes, initial=HEAD.size))
    if found.quizzes > len(raw):
        raise ValueError("shorter than its columns")
    return found


def unpacked(raw: bytes) -> dict[str, Any]:
    """The record as the JSON of version 1 has it, nothing checked but that it can be read.

    Raises:
        ValueError: it cannot.
    """
    at = places(raw)
    n = at.rows
    resources = raw[at.resources:at.quizzes].decode().split("\n")
    numbers = unpack_from(f"<{n}q{n}q{n}i{n}i{n}i{n}h{n}h", raw, at.received_at)
    received_at, opened_at, seq, start, end, rate, resource = (
        list(numbers[k * n:(k + 1) * n]) for k in range(7))
    if any(not 0 <= one < len(resources) for one in resource):
        raise ValueError("a resource that is not there")
    return {
        "v": 1, "received_at": received_at,
        "teacher_id": _texts(raw[at.teachers:at.sessions], raw[at.teacher_sizes:at.session_sizes]),
        "resource_id": [resources[one] for one in resource],
        "session_id": _texts(raw[at.sessions:at.received_at], raw[at.session_sizes:at.teachers]),
        "opened_at": opened_at, "seq": seq, "from": start, "to": end, "rate": rate,
        "quizzes": from_json(raw[at.quizzes:]),
    }


def _texts(joined: bytes, sizes: bytes) -> list[str]:
    """The ids. Raises ValueError: they are not as long as they should be, or no text."""
    if sum(sizes) != len(joined):
        raise ValueError("ids of another length")
    return [joined[a:b].decode() for a, b in pairwise(accumulate(sizes, initial=0))]
