"""Logs of several teachers packed into telemetry records, as a collector would."""

from collections.abc import Iterator, Mapping, Sequence

import orjson

from audit.reference.log import Answered, Entry, Played
from pipeline.schemas.partitioning import partition_of
from tests.agents.working import PARTITION, PARTITIONS

COLUMNS = ("received_at", "teacher_id", "resource_id", "session_id", "opened_at", "seq",
           "from", "to", "rate")

_IDS = [f"t{n}" for n in range(100)]
TEACHERS = [t for t in _IDS if partition_of(t, PARTITIONS) == PARTITION][:4]
STRANGER = next(t for t in _IDS if partition_of(t, PARTITIONS) != PARTITION)


def packed(rows: Sequence[tuple[str, Entry]]) -> bytes:
    """One record: heartbeats in columns, then quizzes, each in its order."""
    beats = [(e.received_at, t, e.resource_id, e.session_id, e.opened_at, e.seq, e.start, e.end,
              e.rate) for t, e in rows if isinstance(e, Played)]
    columns = zip(*beats, strict=True) if beats else [()] * len(COLUMNS)
    quizzes = [{"received_at": e.received_at, "teacher_id": t, "resource_id": e.resource_id,
                "session_id": e.session_id, "opened_at": e.opened_at, "seq": e.seq,
                "quiz_id": e.quiz_id, "answers": dict(e.answers)}
               for t, e in rows if isinstance(e, Answered)]
    return orjson.dumps({"v": 1, **dict(zip(COLUMNS, columns, strict=True)), "quizzes": quizzes})


def mixed(
    logs: Mapping[str, Sequence[Entry]], picks: Sequence[int], sizes: Sequence[int]
) -> Iterator[bytes]:
    """The teachers' logs side by side, in records of the given sizes; every log in its order."""
    rows = list(_side_by_side({t: list(log) for t, log in logs.items() if log}, iter(picks)))
    size = iter(sizes)
    while rows:
        length = next(size, 4)
        yield packed(rows[:length])
        del rows[:length]


def _side_by_side(
    logs: dict[str, list[Entry]], picks: Iterator[int]
) -> Iterator[tuple[str, Entry]]:
    while logs:
        teacher = list(logs)[next(picks, 0) % len(logs)]
        yield teacher, logs[teacher].pop(0)
        if not logs[teacher]:
            del logs[teacher]
