"""The header `X-Experience-API-Version`: asked of every request, given with every answer."""

import re

from pipeline.collector.faults import refused
from pipeline.collector.xapi.faults import XapiFault

HEADER = "X-Experience-API-Version"
SPOKEN = {"1": "1.0.3", "2": "2.0.0"}
"""The latest patch version spoken, by major version: xAPI 1.0.3 and IEEE 9274.1.1 (xAPI 2.0)."""

LATEST = SPOKEN["2"]
WANTED = re.compile(r"([12])\.0(\.[0-9]{1,4})?")


def answered(said: str | None) -> str:
    """The version an answer carries, whatever was said."""
    match = WANTED.fullmatch(said or "")
    return SPOKEN[match[1]] if match else LATEST


def require(said: str | None) -> None:
    """Raises RefusedError (400) unless the client says 1.0, 1.0.x, 2.0 or 2.0.x."""
    loc = ("header", HEADER)
    if said is None:
        raise refused(XapiFault.VERSION_MISSING, loc, f"say 1.0.3 or {LATEST}")
    if not WANTED.fullmatch(said):
        raise refused(XapiFault.VERSION_UNSUPPORTED, loc, f"only 1.0.x and 2.0.x, say {LATEST}")
