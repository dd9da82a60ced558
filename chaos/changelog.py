"""The workers' changelogs, read by a decoder of their own: nothing of the workers is used.

What is written there is described in pipeline/agents/changelog.py (parts of large values),
shard.py (encoding, keys), viewer_codec.py and crediting.py (states); only `decoded` knows the
encoding, and only the small functions below it the states' layouts.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import lz4.block
import orjson

from audit.evidence import Stored, stored
from chaos.unreadable import UnreadableError

VERSION = 3
PROGRESS = b"progress"


class Entry(NamedTuple):
    """One committed value. `bucket` is None for a record of progress; `at`: the broker's stamp."""

    partition: int
    offset: int
    at: int
    bucket: int | None
    body: dict[str, Any]


def decoded(value: bytes) -> dict[str, Any]:
    """A whole value: JSON as an LZ4 block behind its length. Raises UnreadableError."""
    try:
        body: dict[str, Any] = orjson.loads(lz4.block.decompress(value))
    except (ValueError, lz4.block.LZ4BlockError) as error:
        raise UnreadableError(f"not JSON in LZ4: {value[:20]!r}") from error
    if body.get("v") != VERSION:
        raise UnreadableError(f"version {body.get('v')}, not {VERSION}")
    return body


def history(bootstrap: str, topic: str) -> Iterator[Entry]:
    """Every committed value that Kafka still has, partition by partition in log order.

    Raises:
        BrokerError: Kafka does not answer, or has no such topic (full name).
        UnreadableError: a value is broken.
    """
    partitions: dict[int, list[Stored]] = {}
    for record in stored(bootstrap, topic):
        partitions.setdefault(record.partition, []).append(record)
    for _, records in sorted(partitions.items()):
        yield from entries(records)


def entries(records: Iterable[Stored]) -> Iterator[Entry]:
    """The values of one partition in order; parts of a large one (`key/1` …) stand right behind it.

    A value of which compaction took a part is left out, unless nothing newer stands under its
    key. Raises UnreadableError.
    """
    waiting: dict[bytes, tuple[Stored, list[bytes]]] = {}
    for record in records:
        key, _, number = (record.key or b"").partition(b"/")
        if not number:
            waiting[key] = (record, [])
        elif key in waiting and record.offset == waiting[key][0].offset + int(number):
            waiting[key][1].append(record.value or b"")
        if key in waiting and _is_whole(*waiting[key]):
            first, more = waiting.pop(key)
            yield _entry(key, first, more)
    if waiting:
        raise UnreadableError(f"values lack a part: {sorted(waiting)[:5]}")


def _is_whole(first: Stored, more: list[bytes]) -> bool:
    if not first.value:
        raise UnreadableError(f"empty value at offset {first.offset}")
    return len(more) == first.value[0]


def _entry(key: bytes, first: Stored, more: list[bytes]) -> Entry:
    body = decoded(b"".join(((first.value or b"")[1:], *more)))
    bucket = None if key == PROGRESS else int(key)
    return Entry(first.partition, first.offset, first.at, bucket, body)


def newest(entries: Iterable[Entry]) -> dict[str, Any]:
    """Every teacher's state as it stands last, by id."""
    buckets: dict[tuple[int, int], dict[str, Any]] = {}
    for entry in entries:
        if entry.bucket is not None:
            buckets[entry.partition, entry.bucket] = entry.body["teachers"]
    return {teacher: state for bucket in buckets.values() for teacher, state in bucket.items()}


class Unwritten(NamedTuple):
    """Input that is decided, but not yet in every bucket: [written, decided) of a partition."""

    topic: str
    partition: int
    written: int
    decided: int

    def __str__(self) -> str:
        return (f"{self.topic}/{self.partition} is written up to offset {self.written},"
                f" and decided up to {self.decided}")


def unwritten(entries: Iterable[Entry]) -> list[Unwritten]:
    """What has not had its turn (ADR 27), by the newest record of progress of each partition."""
    newest = {entry.partition: entry.body for entry in entries if entry.bucket is None}
    return [Unwritten(topic, partition, body["whole"].get(topic, 0), decided)
            for partition, body in sorted(newest.items())
            for topic, decided in sorted(body["positions"].items())
            if body["whole"].get(topic, 0) < decided]


class Account(NamedTuple):
    """A teacher's state at the crediting agent; moments in epoch ms. `decided`: by programme, the
    ids of what people decided (opening balances too), which no load sends.
    """

    enrolled: Mapping[str, int]
    started: Mapping[str, int]
    done: Mapping[str, Mapping[str, int]]
    seqs: Mapping[str, int]
    decided: Mapping[str, list[str]]


def account(state: list[Any]) -> Account:
    """From the crediting agent's layout."""
    enrolled, started, done, _openings, seqs, _adjustments, _reversed, decided = state
    return Account(enrolled, started, done, seqs, decided)


class Watched(NamedTuple):
    """What a teacher has watched of one resource in one programme: when it was done, or media ms
    covered, and covered after each quiz that was passed, so far.
    """

    done_at: int | None
    covered_ms: int
    after_ms: Mapping[str, int]


class Watcher(NamedTuple):
    """A teacher's state at the watching agent. `watched_ms` by resource; `watched` by (resource,
    programme).
    """

    newest_at: int
    watched_ms: Mapping[str, int]
    watched: Mapping[tuple[str, str], Watched]


def watcher(state: list[Any]) -> Watcher:
    """From the watching agent's layout."""
    newest_at, _spent, _sessions, videos = state
    return Watcher(
        newest_at,
        {resource: video[0] for resource, video in videos.items()},
        {(resource, programme): _watched(coverage)
         for resource, video in videos.items() for programme, coverage in video[1].items()},
    )


def _watched(coverage: int | list[Any]) -> Watched:
    if isinstance(coverage, int):
        return Watched(coverage, 0, {})
    covered, after, *_ = coverage
    return Watched(None, _length(covered), {quiz: _length(spans) for quiz, spans in after.items()})


def _length(spans: list[int]) -> int:
    return sum(end - start for start, end in zip(spans[::2], spans[1::2], strict=True))
