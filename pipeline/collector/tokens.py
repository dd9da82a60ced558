"""Play tokens (rule 18): one teacher, one resource, one session, until they expire."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.collector.faults import Fault, refused
from pipeline.schemas.base import EpochMs, Id

ALGORITHM = "HS256"
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
    """Signs and reads play tokens.

    None is remembered: a core takes the posts of 75,000 players and more in one heartbeat's time,
    and a memory that is smaller than the crowd, whose turns go round, remembers nobody in time.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._key = secret.encode()
        self._head = jwt.encode({}, secret, algorithm=ALGORITHM).partition(".")[0] + "."

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
        play = self._own(token) or self._verify(token)
        if now >= play.expires_at:
            raise _unauthorised(Fault.TOKEN_EXPIRED, "the token has expired; open a new play")
        return play

    def _own(self, token: str) -> Play | None:
        """The play of a token exactly as `sign` writes them, in a sixth of PyJWT's time. None if
        there is any doubt: PyJWT has the last word, and says alone what is refused.
        """
        signed, _, signature = token.rpartition(".")
        if not token.isascii() or not signed.startswith(self._head):
            return None
        digest = hmac.digest(self._key, signed.encode(), "sha256")
        if not hmac.compare_digest(urlsafe_b64encode(digest)[:-1], signature.encode()):
            return None
        try:
            content = urlsafe_b64decode(signed[len(self._head):] + "==")
            return _play(Claims.model_validate_json(content))
        except ValueError:
            return None

    def _verify(self, token: str) -> Play:
        try:
            claims = Claims.model_validate(
                jwt.decode(token, self._secret, algorithms=[ALGORITHM], options=OPTIONS)
            )
        except (jwt.InvalidTokenError, ValidationError) as cause:
            raise _unauthorised(Fault.TOKEN_INVALID, "this is no play token of ours") from cause
        return _play(claims)


def _play(claims: Claims) -> Play:
    return Play(claims.sub, claims.res, claims.sid, claims.opened_at, claims.exp * 1000)


def _unauthorised(fault: Fault, msg: str) -> Exception:
    challenge = "Bearer" if fault is Fault.TOKEN_MISSING else 'Bearer error="invalid_token"'
    return refused(fault, LOC, msg, {"WWW-Authenticate": challenge})
