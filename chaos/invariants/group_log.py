"""What a consumer group has committed, from the broker's own log of it."""

import struct
from collections.abc import Iterable, Iterator

from audit.evidence import Stored, stored
from chaos.invariants.commits import Commit
from pipeline.broker import topics

TOPIC = "__consumer_offsets"


def commits(bootstrap: str, group: str, prefix: str) -> Iterator[Commit]:
    """Every commit of the group in log order; topics without `prefix`.

    Raises:
        BrokerError: Kafka does not answer.
    """
    partitions = len(topics.end_offsets(bootstrap, TOPIC))
    return of_group(stored(bootstrap, TOPIC, [coordinator(group, partitions)]), group, prefix)


def coordinator(group: str, partitions: int) -> int:
    """The partition of the offsets topic that has this group (of ASCII characters): the absolute
    value of Java's hash of its name.
    """
    code = 0
    for byte in group.encode("ascii"):
        code = (31 * code + byte) % 2**32
    (signed,) = struct.unpack(">i", struct.pack(">I", code))
    return int(abs(signed)) % partitions


def of_group(records: Iterable[Stored], group: str, prefix: str) -> Iterator[Commit]:
    """The commits among the topic's records. Keys of version 0 and 1 are commits (group, topic,
    partition); all versions of the value begin with their number and the offset.
    """
    for record in records:
        key = record.key or b""
        if record.value is None or struct.unpack_from(">h", key)[0] > 1:
            continue
        name, topic, partition = _key(key)
        if name == group:
            offset = struct.unpack_from(">hq", record.value)[1]
            yield Commit(topic.removeprefix(prefix), partition, offset, record.at)


def _key(key: bytes) -> tuple[str, str, int]:
    group, at = _text(key, 2)
    topic, at = _text(key, at)
    return group, topic, struct.unpack_from(">i", key, at)[0]


def _text(raw: bytes, at: int) -> tuple[str, int]:
    """The text there, and where it ends."""
    (length,) = struct.unpack_from(">h", raw, at)
    return raw[at + 2 : at + 2 + length].decode(), at + 2 + length
