"""One play of an xAPI player writes under up to eight session ids (ADR 19)."""

import re

PART = re.compile(r"\.x[0-7]$")


def play_of(session_id: str) -> str:
    """The session that the platform opened."""
    return PART.sub("", session_id)
