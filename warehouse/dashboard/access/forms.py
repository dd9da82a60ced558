"""What a form sends, and the proof that a page of ours sent it (against forged requests)."""

import asyncio
import base64
import hmac
import secrets
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

MOST_BYTES = 128 * 1024  # a query of 20,000 Chinese characters, escaped, is more than half of it
MOST_FIELDS = 50
PATIENCE_S = 10.0
FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")


class FormError(Exception):
    """The request is no form of ours. `status`: of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name.

    Raises:
        FormError: 408, 413, 415 or 400: too slow, too large, of another kind, broken.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormError(415)
    body = await _body(request)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise FormError(400) from None


async def _body(request: Request) -> bytes:
    kept = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in request.stream():
                kept += chunk
                if len(kept) > MOST_BYTES:
                    raise FormError(413)
    except TimeoutError:
        raise FormError(408) from None
    except ClientDisconnect:
        raise FormError(400) from None
    return bytes(kept)


def masked(token: str) -> str:
    """The token as a form sends it: another text each time, base64url of a random pad and of the
    token XOR that pad. Pages are compressed, so that their sizes would betray, bit by bit, a
    secret that is in all of them beside what a stranger may choose (BREACH).
    """
    pad = secrets.token_bytes(len(token.encode()))
    return base64.urlsafe_b64encode(pad + _xor(pad, token.encode())).decode()


def _unmasked(sent: str) -> bytes:
    """The token of what a form sent; nothing of what was never `masked`. Python reads base64 in
    more spellings than it writes, so what was read has to be written as it was sent.
    """
    try:
        both = base64.urlsafe_b64decode(sent)
        token = _xor(both[:len(both) // 2], both[len(both) // 2:])
    except ValueError:
        return b""
    return token if base64.urlsafe_b64encode(both).decode() == sent else b""


def _xor(one: bytes, other: bytes) -> bytes:
    """Raises ValueError if they are not of the same length."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def require_ours(headers: Headers, form: dict[str, str], token: str | None, origin: str) -> None:
    """The form has the token, masked, of the session (or of the sign-in page), and the browser says
    nothing else than that the page came from `origin`.

    Raises:
        FormError: 403.
    """
    sent = headers.get(HEADER) or form.get(FIELD, "")
    if not token or not hmac.compare_digest(_unmasked(sent), token.encode()):
        raise FormError(403)
    if headers.get("origin", origin) != origin:
        raise FormError(403)
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormError(403)
