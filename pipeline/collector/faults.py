"""Every way a request can be refused: its type and its status.

`docs/reference/collector-status.md` says what a client does about each; a test compares the two.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

Place = tuple[str | int, ...]
"""Where in the request: ("events", 3, "to"), ("header", "Authorization")."""


class Named(Enum):
    """The `type` and the status of one way to be refused."""

    @property
    def type(self) -> str:
        return str(self.value[0])

    @property
    def status(self) -> int:
        return int(self.value[1])


class Fault(Named):
    """What concerns a request as a whole."""

    SIMULATED_TIME_REFUSED = ("simulated_time_refused", 400)
    SIMULATED_TIME_MALFORMED = ("simulated_time_malformed", 400)
    CUT_OFF = ("cut_off", 400)
    WRONG_KEY = ("wrong_key", 401)
    TOKEN_MISSING = ("token_missing", 401)
    TOKEN_INVALID = ("token_invalid", 401)
    TOKEN_EXPIRED = ("token_expired", 401)
    OTHER_RESOURCE = ("other_resource", 403)
    UNKNOWN_PATH = ("unknown_path", 404)
    UNKNOWN_RESOURCE = ("unknown_resource", 404)
    WRONG_METHOD = ("wrong_method", 405)
    TOO_SLOW = ("too_slow", 408)
    BODY_TOO_LARGE = ("body_too_large", 413)
    TOO_MANY_EVENTS = ("too_many_events", 413)
    COMPRESSED = ("compressed", 415)
    MALFORMED = ("malformed", 422)
    TOO_FAST = ("too_fast", 429)
    TEACHER_TOO_FAST = ("teacher_too_fast", 429)
    TOO_MUCH = ("too_much", 429)
    TOO_MUCH_REFUSED = ("too_much_refused", 429)
    TOO_MANY_PLAYS = ("too_many_plays", 429)
    HEAD_TOO_LARGE = ("head_too_large", 431)
    INTERNAL = ("internal", 500)
    KAFKA_AWAY = ("kafka_away", 503)
    KAFKA_SLOW = ("kafka_slow", 503)
    QUEUE_FULL = ("queue_full", 503)
    NO_ROOM = ("no_room", 503)
    WORKER_AWAY = ("worker_away", 503)


class RefusedError(Exception):
    """A request is refused, with the answer that says why.

    `errors`: one or more of {"loc": Place, "type": str, "msg": str}; valid JSON in all cases,
    as nothing of what was sent is in it but names and places.
    """

    def __init__(
        self,
        status: int,
        errors: Sequence[Mapping[str, Any]],
        headers: Mapping[str, str] | None = None,
        accepted: int = 0,
    ) -> None:
        super().__init__(f"{status} {errors[0]['type']}")
        self.status = status
        self.errors = errors
        self.headers = dict(headers or {})
        self.accepted = accepted


def refused(
    fault: Named, loc: Place, msg: str, headers: Mapping[str, str] | None = None
) -> RefusedError:
    """The refusal of a whole request, for one reason."""
    return RefusedError(fault.status, [error(loc, fault.type, msg)], headers)


def error(loc: Place, type_: str, msg: str) -> dict[str, Any]:
    """One entry of an answer's `errors`."""
    return {"loc": loc, "type": type_, "msg": msg}
