"""Tickets, with which the platform sends a teacher here, and visits, which they begin.

Both are signed with the token secret, each for an audience of its own: a ticket is no visit, and
neither is a play token, nor the other way round.
"""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.schemas.base import Id

Audience = Literal["xueshi-learner-ticket", "xueshi-learner-visit"]
TICKET: Audience = "xueshi-learner-ticket"
VISIT: Audience = "xueshi-learner-visit"

ALGORITHM = "HS256"
LONGEST = 1000
# Time is an argument here, so PyJWT's own clock stays out.
OPTIONS: Any = {"require": ["aud", "exp", "jti", "sub"], "strict_aud": True,
                "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    sub: Id
    jti: Id
    exp: int


@dataclass(frozen=True, slots=True)
class Pass:
    """Lets `teacher_id` in until `expires_at` (epoch ms, whole seconds). `id` is random."""

    teacher_id: str
    id: str
    expires_at: int


class Passes:
    """Signs passes with the first secret, and reads what any of them has signed."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = secrets

    def sign(self, audience: Audience, teacher_id: str, now: int, lifetime_s: int) -> str:
        """A new pass, good for `lifetime_s` from `now` (epoch ms)."""
        claims = {"aud": audience, "sub": teacher_id, "jti": token_urlsafe(16),
                  "exp": now // 1000 + lifetime_s}
        return jwt.encode(claims, self._secrets[0], algorithm=ALGORITHM)

    def read(self, audience: Audience, token: str, now: int) -> Pass | None:
        """The pass that the token is at `now`; None if it is forged, expired, or another's."""
        if len(token) > LONGEST:
            return None
        for secret in self._secrets:
            claims = _claims(audience, token, secret)
            if claims is not None and now < claims.exp * 1000:
                return Pass(claims.sub, claims.jti, claims.exp * 1000)
        return None


def _claims(audience: Audience, token: str, secret: str) -> _Claims | None:
    try:
        return _Claims.model_validate(jwt.decode(
            token, secret, algorithms=[ALGORITHM], audience=audience, options=OPTIONS))
    except (jwt.InvalidTokenError, ValidationError):
        return None
