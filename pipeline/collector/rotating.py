"""Play tokens while the secret is being changed (docs/how-to/secure.md)."""

from collections.abc import Sequence

from pipeline.collector.faults import Fault, RefusedError
from pipeline.collector.tokens import Play, Tokens


class RotatingTokens(Tokens):
    """Signs with the first secret, and reads what any of them has signed."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(secrets[0])
        self._before = RotatingTokens(secrets[1:]) if secrets[1:] else None

    def read(self, token: str, now: int) -> Play:
        """As Tokens.read; what is expired is so by any secret."""
        try:
            return super().read(token, now)
        except RefusedError as refusal:
            if self._before is None or refusal.errors[0]["type"] != Fault.TOKEN_INVALID.type:
                raise
            return self._before.read(token, now)
