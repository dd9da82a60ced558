"""Who sends statements: a play's token or the platform's key, as Bearer or by HTTP Basic."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from hmac import compare_digest

from pipeline.collector.tokens import Play, Tokens


class Credentials:
    """`key`: the platform's key. Set to nothing, it lets nobody in."""

    def __init__(self, key: str, tokens: Tokens) -> None:
        self._key = key.encode()
        self._tokens = tokens

    def read(self, headers: Mapping[str, str], now: int) -> Play | None:
        """The play at `now` (epoch ms) whose token was sent (rule 18); None for the platform.

        Raises:
            RefusedError: 401, neither a valid token nor the key.
        """
        secret = _secret(headers.get("Authorization", ""))
        if secret and compare_digest(secret.encode(), self._key):
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
