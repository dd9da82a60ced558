"""Does a Kafka answer?"""

import socket
import time

from kafka.errors import KafkaError

from pipeline.broker import wire
from pipeline.broker.admin import admin_client
from pipeline.broker.errors import BrokerError


def require(bootstrap: str, patience_s: float) -> None:
    """Raises BrokerError unless some broker of `bootstrap` answers within `patience_s`."""
    if not answers(bootstrap, patience_s):
        raise BrokerError(
            f"no Kafka answers at {bootstrap} (KAFKA_BOOTSTRAP_SERVERS){wire.hint(bootstrap)}: "
            "start it or correct the address; unset the variable to have a local broker started"
        )


def answers(bootstrap: str, patience_s: float) -> bool:
    """Whether a broker of `bootstrap` (host:port,…) answers a metadata request.

    Raises:
        BrokerError: `bootstrap` is not a list of host:port.
    """
    deadline = time.monotonic() + patience_s
    address = reachable(bootstrap, patience_s)
    return address is not None and _describes(address, max(1.0, deadline - time.monotonic()))


def reachable(bootstrap: str, patience_s: float) -> str | None:
    """The first address of `bootstrap` at which something listens.

    A client is given this one only: at a port where nobody listens it would wait long, and
    kafka-python 3.0 leaves the refused socket open.

    Raises:
        BrokerError: `bootstrap` is not a list of host:port.
    """
    addresses = {text.strip(): _host_and_port(text.strip()) for text in bootstrap.split(",")}
    found = next((text for text, at in addresses.items() if _accepts(at, patience_s)), None)
    return wire.part(bootstrap, found) if found else None


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BrokerError(f"KAFKA_BOOTSTRAP_SERVERS: {address!r} is not host:port")
    return host.strip("[]"), int(port)


def _accepts(at: tuple[str, int], patience_s: float) -> bool:
    try:
        with socket.create_connection(at, timeout=patience_s):
            return True
    except OSError:
        return False


def _describes(address: str, patience_s: float) -> bool:
    patience_ms = int(patience_s * 1000)
    try:
        with admin_client(address, bootstrap_timeout_ms=patience_ms,
                          request_timeout_ms=patience_ms) as admin:
            cluster = admin.describe_cluster()
    except KafkaError:
        return False
    return any(not broker.get("is_fenced") for broker in cluster["brokers"])
