"""`POST /v1/plays`: the platform opens a play session for a teacher (rule 18)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector.answers import answer
from pipeline.collector.arrival import arrival
from pipeline.collector.bearer import bearer
from pipeline.collector.body import Sent, read_body
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.limits import Limits
from pipeline.collector.messages import OpenPlay
from pipeline.collector.progress import Progress
from pipeline.collector.sorting import from_body
from pipeline.collector.tokens import Play, Tokens
from pipeline.collector.wording import body_errors
from pipeline.keys import is_one_of
from pipeline.rules.programme import Catalogue, Question, Quiz, Resource
from pipeline.settings import Settings


class Plays:
    """Opens play sessions. Nothing of it goes through Kafka, so it works while Kafka is away;
    and without a worker too, but then it cannot say what was watched before.
    """

    def __init__(
        self, settings: Settings, catalogue: Catalogue, tokens: Tokens, clock: Callable[[], int],
        progress: Progress, limits: Limits,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._tokens = tokens
        self._clock = clock
        self._progress = progress
        self._limits = limits
        self._keys = settings.secrets("platform_key")

    async def open(self, request: Request) -> Response:
        """201, or what the status table says (raised as RefusedError)."""
        at = arrival(request.headers, self._clock, self._settings.simulation)
        self._require_key(bearer(request.headers))
        wanted = _parse(await read_body(Sent(request.headers, request.receive),
                                         self._settings.max_post_bytes))
        resource = self._catalogue.resources.get(wanted.resource_id)
        if resource is None:
            raise refused(Fault.UNKNOWN_RESOURCE, ("resource_id",), "no programme lists it")
        self._limits.require_play(wanted.teacher_id, at)
        play = self._play(wanted, at)
        said = await self._progress.of(play, at) if wanted.progress else None
        return answer(201, {**self._opened(play, resource),
                            "progress": said.model_dump() if said else None})

    def _require_key(self, given: str) -> None:
        if not is_one_of(given, self._keys):
            raise refused(Fault.WRONG_KEY, ("header", "Authorization"),
                          "send the platform's key as `Bearer <key>`",
                          {"WWW-Authenticate": "Bearer"})

    def _play(self, wanted: OpenPlay, at: int) -> Play:
        # Tokens count in whole seconds, so the play does too.
        expires_at = (at // 1000 + self._settings.token_lifetime_seconds) * 1000
        return Play(wanted.teacher_id, wanted.resource_id, uuid4().hex, at, expires_at)

    def _opened(self, play: Play, resource: Resource) -> dict[str, Any]:
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
    return {
        "quiz_id": quiz.id,
        "at_seconds": quiz.at_ms / 1000,
        "questions": list(quiz.key),
        "wording": [_worded(name, question) for name, question in quiz.wording.items()],
    }


def _worded(name: str, question: Question) -> dict[str, Any]:
    return {
        "id": name,
        "text": question.text,
        "several": question.several,
        "choices": [{"id": id_, "text": text} for id_, text in question.choices.items()],
    }


def _parse(body: bytes) -> OpenPlay:
    try:
        return OpenPlay.model_validate(from_body(body))
    except ValueError as unreadable:
        raise RefusedError(422, body_errors(unreadable)) from unreadable
