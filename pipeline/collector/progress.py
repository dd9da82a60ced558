"""`GET /v1/progress`, and a play's `progress`: a worker's answer, handed on (ADR 21)."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from math import ceil

from starlette.requests import Request
from starlette.responses import Response

from pipeline.asking import Asking, AwayError
from pipeline.collector.answers import answer
from pipeline.collector.arrival import arrival
from pipeline.collector.bearer import bearer
from pipeline.collector.cors import Cors
from pipeline.collector.faults import Fault, refused
from pipeline.collector.pace import Pace
from pipeline.collector.tokens import Play, Tokens
from pipeline.said import ResourceDetail
from pipeline.settings import Settings

log = logging.getLogger("xueshi.collector")

TIMEOUT_S = 1.0       # a play opens later by so much at most
AT_ONCE = 64          # each has its connection; more are answered "away", so that none pile up
FAILURES = 5          # so many in a row, and nobody is asked for PAUSE_S
PAUSE_S = 2.0
RETRY_AFTER_S = 2
PRIVATE = {"Cache-Control": "no-store"}


class Patience:
    """Asks a worker while one answers; bounded in number, and at rest while none does."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self._now = 0
        self._failures = 0
        self._again_at = 0.0

    async def resource(self, play: Play, at: int) -> ResourceDetail | None:
        """Where the play's teacher stands at `at`; None if the worker does not know the resource.

        Raises:
            AwayError: at once where too many wait, or none has answered lately.
        """
        if self._now >= AT_ONCE or time.monotonic() < self._again_at:
            raise AwayError("not asked: no worker has answered lately")
        self._now += 1
        try:
            said = await self.asking.resource(
                play.teacher_id, play.resource_id, {"session": play.session_id, "at": at})
        except AwayError as away:
            self._failed(away)
            raise
        finally:
            self._now -= 1
        self._failures = 0
        return said

    def _failed(self, away: AwayError) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            # The next one is a trial: if it fails too, the rest begins anew.
            self._again_at = time.monotonic() + PAUSE_S
            level = logging.ERROR if away.is_fault else logging.WARNING
            log.log(level, "no progress for %g s: %s", PAUSE_S, away)


class Progress:
    """What a player is told of its own play. Nothing here touches Kafka or `/v1/events`."""

    def __init__(
        self, settings: Settings, tokens: Tokens, clock: Callable[[], int], cors: Cors
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._clock = clock
        self._cors = cors
        self._pace = Pace(settings.progress_per_second, settings.progress_burst)
        self._asking = Asking(settings.progress_url, settings.secret("platform_key"), TIMEOUT_S,
                              AT_ONCE)
        self._patience = Patience(self._asking)

    def connected(self) -> AbstractAsyncContextManager[Asking]:
        """Nobody can be asked before or after."""
        return self._asking

    async def of(self, play: Play, at: int) -> ResourceDetail | None:
        """For the answer to an opened play, which opens whatever the worker does."""
        try:
            return await self._patience.resource(play, at)
        except AwayError:
            return None

    async def answer(self, request: Request) -> Response:
        """200, or what the status table says (raised as RefusedError)."""
        at = arrival(request.headers, self._clock, self._settings.simulation)
        play = self._tokens.read(bearer(request.headers), at)
        self._require_pace(play, at)
        try:
            said = await self._patience.resource(play, at)
        except AwayError:
            raise refused(Fault.WORKER_AWAY, ("server",), "no worker answers: ask again",
                          {"Retry-After": str(RETRY_AFTER_S)}) from None
        if said is None:
            raise refused(Fault.UNKNOWN_RESOURCE, ("header", "Authorization"),
                          "no programme lists the play's resource any more")
        headers = {**PRIVATE, **self._cors.headers(request.headers)}
        return answer(200, said.model_dump(), headers)

    def _require_pace(self, play: Play, at: int) -> None:
        wait_ms = self._pace.wait_ms(play.session_id, at)
        if wait_ms:
            raise refused(Fault.TOO_FAST, ("header", "Authorization"),
                          "progress is asked for too often in this play session",
                          {"Retry-After": str(ceil(wait_ms / 1000))})
