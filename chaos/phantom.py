"""A second replica that is registered and never comes up.

Apache Kafka holds `min.insync.replicas` to the number of replicas that a partition has, so a
broker that is alone never refuses a write for the lack of them. Here a broker of the number 2 is
registered with the controller, by one request of the protocol (BrokerRegistration, KIP-631), and
never sends a heartbeat: partitions that are assigned to it as well lack a replica for ever.
"""

import re
import socket
import struct
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.broker import server

NUMBER = 2
API_KEY, API_VERSION = 62, 4
FEATURES = ("metadata.version", "kraft.version", "transaction.version", "group.version",
            "eligible.leader.replicas.version", "share.version", "streams.version")
NO_TAGS = b"\x00"
PATIENCE_S = 10.0


class NotRegisteredError(Exception):
    """The controller did not take the registration."""


def register(home: Path) -> None:
    """Register the phantom with the local broker that runs in `home`; again does no harm.

    Raises:
        NotRegisteredError: the controller answers with an error.
        OSError: no controller listens.
    """
    answer = _ask(_controller_port(home), _request(_cluster_id(home)))
    _, error, _ = struct.unpack(">ihq", answer[5:19])  # after correlation id and tags
    if error:
        raise NotRegisteredError(f"the controller refused broker {NUMBER}: error code {error}")


def _controller_port(home: Path) -> int:
    return int(_found(r"CONTROLLER://127\.0\.0\.1:(\d+)", home / server.PROPERTIES))


def _cluster_id(home: Path) -> str:
    return _found(r"cluster\.id=(\S+)", home / server.DATA / "meta.properties")


def _found(pattern: str, file: Path) -> str:
    match = re.search(pattern, file.read_text("utf-8"))
    if match is None:
        raise NotRegisteredError(f"{file} has no {pattern}")
    return match[1]


def _ask(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as answer:
            (length,) = struct.unpack(">i", answer.read(4))
            return answer.read(int(length))


def _request(cluster_id: str) -> bytes:
    header = struct.pack(">hhih", API_KEY, API_VERSION, 1, -1) + NO_TAGS
    listener = _text("BROKER") + _text("127.0.0.1") + struct.pack(">Hh", 1, 0) + NO_TAGS
    features = [_text(name) + struct.pack(">hh", 0, 100) + NO_TAGS for name in FEATURES]
    no_rack, no_migration = b"\x00", b"\x00"
    return b"".join([
        header, struct.pack(">i", NUMBER), _text(cluster_id), uuid.uuid4().bytes,
        _array([listener]), _array(features), no_rack, no_migration,
        _array([uuid.uuid4().bytes]), struct.pack(">q", -1), NO_TAGS,
    ])


def _text(value: str) -> bytes:
    raw = value.encode()
    return _varint(len(raw) + 1) + raw


def _array(items: Sequence[bytes] | Iterable[bytes]) -> bytes:
    some = list(items)
    return _varint(len(some) + 1) + b"".join(some)


def _varint(number: int) -> bytes:
    assert number < 128, "nothing here is that long"
    return bytes([number])
