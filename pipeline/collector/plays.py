"""`POST /v1/plays`: the platform opens a play session for a teacher (rule 18)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector.answers import answer
from pipeline.collector.arrival import arrival
from pipeline.collector.bearer import bearer
from pipeline.collector.body import read_body
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.messages import OpenPlay
from pipeline.collector.sorting import from_body
from pipeline.collector.tokens import Play, Tokens
from pipeline.collector.wording import body_errors
from pipeline.keys import is_one_of
from pipeline.rules.programme import Catalogue, Quiz, Resource
from pipeline.settings import Settings


class Plays:
    """Opens play sessions. Nothing of it goes through Kafka, so it works while Kafka is away."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, tokens: Tokens, clock: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._tokens = tokens
        self._clock = clock
        self._keys = settings.secrets("platform_key")

    async def open(self, request: Request) -> Response:
        """201, or what the status table says (raised as RefusedError)."""
        at = arrival(request.headers, self._clock, self._settings.simulation)
        self._require_key(bearer(request.headers))
        wanted = _parse(await read_body(request, self._settings.max_post_bytes))
        resource = self._catalogue.resources.get(wanted.resource_id)
        if resource is None:
            raise refused(Fault.UNKNOWN_RESOURCE, ("resource_id",), "no programme lists it")
        return answer(201, self._opened(wanted.teacher_id, resource, at))

    def _require_key(self, given: str) -> None:
        if not is_one_of(given, self._keys):
            raise refused(Fault.WRONG_KEY, ("header", "Authorization"),
                          "send the platform's key as `Bearer <key>`",
                          {"WWW-Authenticate": "Bearer"})

    def _opened(self, teacher_id: str, resource: Resource, at: int) -> dict[str, Any]:
        # Tokens count in whole seconds, so the play does too.
        expires_at = (at // 1000 + self._settings.token_lifetime_seconds) * 1000
        play = Play(teacher_id, resource.id, uuid4().hex, at, expires_at)
        return {
            "session_id": play.session_id,
            "token": self._tokens.sign(play),
            "opened_at": play.opened_at,
            "expires_at": play.expires_at,
            "heartbeat_seconds": self._settings.heartbeat_seconds,
            "resource": {"kind": resource.kind, "duration_seconds": resource.duration_ms / 1000},
            "quizzes": [_described(quiz) for quiz in resource.quizzes],
        }


def _described(quiz: Quiz) -> dict[str, Any]:
    """The quiz without its key, which never leaves the server (rule 10)."""
    return {"quiz_id": quiz.id, "at_seconds": quiz.at_ms / 1000, "questions": list(quiz.key)}


def _parse(body: bytes) -> OpenPlay:
    try:
        return OpenPlay.model_validate(from_body(body))
    except ValueError as unreadable:
        raise RefusedError(422, body_errors(unreadable)) from unreadable
