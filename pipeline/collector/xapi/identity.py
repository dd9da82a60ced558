"""Who an event is: one claim has one session and seq, whichever process takes it (ADR 19).

An event is known by its session and sequence number (rule 18). Statements are not numbered, so
the number is made from what the claim says of itself. Such numbers touch nobody's neighbours, and
an agent keeps 400 loose ones of a session: so a play's stretches go by eight names.
"""

from hashlib import blake2b

PARTS = 8
MOST_SEQ = 2**31 - 1


def stretch_identity(session_id: str, key: str) -> tuple[str, int]:
    """Session and seq of a stretch that `key` tells from every other of its play."""
    number = _number(key)
    return f"{session_id}.x{number % PARTS}", _seq(number // PARTS)


def attempt_identity(teacher_id: str, resource_id: str, key: str) -> tuple[str, int]:
    """Session and seq of an attempt at a quiz that the platform reports, outside any play."""
    # A session of its own, so that what is before and after goes by receive time (rule 8).
    name = blake2b(f"{teacher_id} {resource_id}".encode(), digest_size=12).hexdigest()
    return f"xapi.{name}", _seq(_number(key))


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())


def _seq(number: int) -> int:
    return number % MOST_SEQ + 1
