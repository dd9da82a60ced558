"""How a worker's state is written: JSON with its version, as an LZ4 block behind its length.

In a bucket each teacher has a line. So one teacher is read, or written anew, without the others
being parsed; and it is JSON all the same, to whoever does not care for lines.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import lz4.block
import orjson

STATE_VERSION = 3


# In the place of the progress while state is being moved here (pipeline/repartition/).
MOVING: bytes = lz4.block.compress(orjson.dumps({"v": "moving"}))


Upgrades = Mapping[int, Callable[[Any], Any]]
"""By version, how a teacher's stored state of it is made one of the next version."""


class StateError(Exception):
    """Stored state that this build cannot read."""


FIRST, BETWEEN, LAST = b',"teachers":{', b",\n", b"\n}}"


def encode(body: dict[str, Any]) -> bytes:
    """A stored value."""
    return _compressed(orjson.dumps({"v": STATE_VERSION, **body}))


def encode_bucket(at: Mapping[str, int], states: Mapping[str, bytes]) -> bytes:
    """A bucket with the states, as JSON, of its teachers, into which the input is up to `at`."""
    head = orjson.dumps({"v": STATE_VERSION, "at": at})
    lines = [b'"%b":%b' % (teacher_id.encode(), state) for teacher_id, state in states.items()]
    return _compressed(head[:-1] + FIRST + b"\n" + BETWEEN.join(lines) + LAST)


def states_of(stored: bytes, upgrades: Upgrades) -> dict[str, bytes]:
    """A bucket's states by teacher, as JSON of the present version. Raises StateError."""
    head, *lines = _decompressed(stored).split(b"\n")
    if _is_plain(head):
        return dict(map(_state, lines[:-1]))
    return {i: orjson.dumps(one) for i, one in teachers_of(stored, upgrades).items()}


def state_of(stored: bytes, teacher_id: str, upgrades: Upgrades) -> bytes | None:
    """One of them, without a look at the others; None where the teacher has none."""
    body = _decompressed(stored)
    if not _is_plain(body[:body.find(b"\n")]):
        return states_of(stored, upgrades).get(teacher_id)
    start = body.find(b'\n"%b":' % teacher_id.encode())
    return None if start < 0 else _state(body[start + 1:body.find(b"\n", start + 1)])[1]


def _is_plain(head: bytes) -> bool:
    """Whether it is the first line of a bucket of the present version."""
    return head.startswith(b'{"v":%d,' % STATE_VERSION) and head.endswith(FIRST)


def _state(line: bytes) -> tuple[str, bytes]:
    """Teacher and state of a line; ids need no escapes."""
    teacher_id, _, state = line[1:].partition(b'":')
    return teacher_id.decode(), state.removesuffix(b",")


def teachers_of(stored: bytes, upgrades: Upgrades) -> dict[str, Any]:
    """A bucket's states by teacher, as the present version writes them. Raises StateError."""
    body = decode(stored, oldest(upgrades))
    teachers: dict[str, Any] = body["teachers"]
    if body["v"] == STATE_VERSION:
        return teachers
    steps = [upgrades[version] for version in range(body["v"], STATE_VERSION)]
    return {i: reduce(lambda old, step: step(old), steps, one) for i, one in teachers.items()}


def oldest(upgrades: Upgrades) -> int:
    """The oldest version that can be read with these."""
    return min(upgrades, default=STATE_VERSION)


def decode(stored: bytes, oldest: int | None = None) -> dict[str, Any]:
    """What was encoded by this build or one that wrote `oldest` or a later version.

    Raises:
        StateError: it is of another version, or nothing that a worker writes.
    """
    try:
        body: dict[str, Any] = orjson.loads(_decompressed(stored))
        version = body["v"]
    except (ValueError, KeyError, TypeError) as error:
        raise StateError(f"not a worker's state: {stored[:20]!r}") from error
    _require(version, STATE_VERSION if oldest is None else oldest)
    return body


def _require(version: object, oldest: int) -> None:
    if version == "moving":
        raise StateError("state is being moved here: end it with `xueshi repartition --finish`")
    if not isinstance(version, int) or not oldest <= version <= STATE_VERSION:
        reads = f"{oldest} to {STATE_VERSION}" if oldest < STATE_VERSION else f"{oldest}"
        raise StateError(f"state version {version}; this build reads {reads} "
                         "(docs/how-to/scale.md: another version of the state)")


def _compressed(body: bytes) -> bytes:
    stored: bytes = lz4.block.compress(body)
    return stored


def _decompressed(stored: bytes) -> bytes:
    try:
        body: bytes = lz4.block.decompress(stored)
    except (ValueError, lz4.block.LZ4BlockError) as error:
        raise StateError(f"not a worker's state: {stored[:20]!r}") from error
    return body
