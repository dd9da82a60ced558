"""Play tokens (rule 18): one teacher, one resource, one session, until they expire."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.collector.faults import Fault, refused
from pipeline.schemas.base import EpochMs, Id

ALGORITHM = "HS256"
REMEMBERED = 50_000
LOC = ("header", "Authorization")

# Time is an argument here and in a simulation virtual, so PyJWT's own clock must stay out.
OPTIONS: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


class Claims(BaseModel):
    """A token's content. `exp` in epoch seconds as JWT asks, `opened_at` in milliseconds."""

    model_config = ConfigDict(strict=True, frozen=True)

    sub: Id
    res: Id
    sid: Id
    opened_at: EpochMs
    exp: int


@dataclass(frozen=True, slots=True)
class Play:
    """An open play session; instants in epoch milliseconds."""

    teacher_id: str
    resource_id: str
    session_id: str
    opened_at: int
    expires_at: int


class Tokens:
    """Signs and reads play tokens. Verified signatures are remembered, a bounded number."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        # Checking a signature costs 30 µs and a player sends the same token for hours.
        self._verified = lru_cache(maxsize=REMEMBERED)(self._verify)

    def sign(self, play: Play) -> str:
        claims = {
            "sub": play.teacher_id,
            "res": play.resource_id,
            "sid": play.session_id,
            "opened_at": play.opened_at,
            "exp": play.expires_at // 1000,
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str, now: int) -> Play:
        """The play of a token that is valid at `now` (epoch ms).

        Raises:
            RefusedError: 401, the token is missing, forged or expired.
        """
        if not token:
            raise _unauthorised(Fault.TOKEN_MISSING, "send the play's token as `Bearer <token>`")
        play = self._verified(token)
        if now >= play.expires_at:
            raise _unauthorised(Fault.TOKEN_EXPIRED, "the token has expired; open a new play")
        return play

    def _verify(self, token: str) -> Play:
        try:
            claims = Claims.model_validate(
                jwt.decode(token, self._secret, algorithms=[ALGORITHM], options=OPTIONS)
            )
        except (jwt.InvalidTokenError, ValidationError) as cause:
            raise _unauthorised(Fault.TOKEN_INVALID, "this is no play token of ours") from cause
        return Play(claims.sub, claims.res, claims.sid, claims.opened_at, claims.exp * 1000)


def _unauthorised(fault: Fault, msg: str) -> Exception:
    challenge = "Bearer" if fault is Fault.TOKEN_MISSING else 'Bearer error="invalid_token"'
    return refused(fault, LOC, msg, {"WWW-Authenticate": challenge})
