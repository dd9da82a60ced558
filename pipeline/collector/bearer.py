"""The `Authorization: Bearer …` header."""

from collections.abc import Mapping


def bearer(headers: Mapping[str, str]) -> str:
    """The token, or an empty text where none is sent. The headers' names are in lower case."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
