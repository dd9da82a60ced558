"""Keys that callers show, of which the one before the present one may still be good."""

from collections.abc import Sequence
from hmac import compare_digest


def is_one_of(given: str, keys: Sequence[str]) -> bool:
    """Whether it is one of the keys, in a time that tells nothing of them. A key that was set to
    nothing lets nobody in, rather than everybody.
    """
    return bool(given) and any(compare_digest(given.encode(), key.encode()) for key in keys)
