"""Free loopback ports for a broker."""

import random
import socket
from contextlib import ExitStack

from pipeline.broker.errors import BrokerError

# Below the range from which Linux, macOS and Windows take ports for outgoing connections:
# none of those can then steal a port while no broker listens on it, nor connect to itself.
RANGE = range(20_000, 32_000)
ATTEMPTS = 100


def free(preferred: int | None = None) -> tuple[int, int]:
    """Two ports nobody listens on; the first is `preferred` if that one is free.

    Raises:
        BrokerError: no free port was found.
    """
    with ExitStack() as held:
        first = _bind(held, [preferred] if preferred else [])
        return first, _bind(held, [])


def _bind(held: ExitStack, first: list[int]) -> int:
    for port in [*first, *random.sample(RANGE, ATTEMPTS)]:
        candidate = held.enter_context(socket.socket())
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
            candidate.listen()  # with SO_REUSEADDR only listening makes the port exclusive
        except OSError:
            continue
        return port
    raise BrokerError(f"found no free port on 127.0.0.1 in {RANGE.start}–{RANGE.stop - 1}")
