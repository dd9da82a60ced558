"""When a request arrived, by the server's clock (rule 15)."""

from collections.abc import Callable, Mapping

from pipeline.collector.faults import Fault, refused
from pipeline.schemas.base import MAX_EPOCH_MS

HEADER = "X-Simulated-Received-At"
NAME = HEADER.lower()
LOC = ("header", HEADER)


def arrival(headers: Mapping[str, str], clock: Callable[[], int], simulation: bool) -> int:
    """Epoch milliseconds. A simulation may say when it is; outside one, nobody may. The headers'
    names are in lower case.

    Raises:
        RefusedError: 400, the header is sent outside a simulation or is no instant.
    """
    said = headers.get(NAME)
    if said is None:
        return clock()
    if not simulation:
        raise refused(Fault.SIMULATED_TIME_REFUSED, LOC,
                      "only a collector started for simulation accepts a receive time")
    # isascii, as isdecimal alone accepts the digits of every script.
    if not (said.isascii() and said.isdecimal() and len(said) < 20 and int(said) <= MAX_EPOCH_MS):
        raise refused(Fault.SIMULATED_TIME_MALFORMED, LOC, "must be whole epoch milliseconds")
    return int(said)
