"""Who sends statements: a play's token or the platform's key, as Bearer or by HTTP Basic."""

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence

from pipeline.collector.tokens import Play, Tokens
from pipeline.keys import is_one_of


class Credentials:
    """`keys`: the platform's, those that are good."""

    def __init__(self, keys: Sequence[str], tokens: Tokens) -> None:
        self._keys = keys
        self._tokens = tokens

    def read(self, headers: Mapping[str, str], now: int) -> Play | None:
        """The play at `now` (epoch ms) whose token was sent (rule 18); None for the platform.

        Raises:
            RefusedError: 401, neither a valid token nor the key.
        """
        secret = _secret(headers.get("Authorization", ""))
        if is_one_of(secret, self._keys):
            return None
        return self._tokens.read(secret, now)


def _secret(header: str) -> str:
    scheme, _, sent = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return sent.strip()
        case "basic":
            return _password(sent.strip())
        case _:
            return ""


def _password(sent: str) -> str:
    """Behind the colon; all of it where a cmi5 player sends a bare token as its `auth-token`."""
    try:
        return b64decode(sent, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return sent
