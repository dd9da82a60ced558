"""`POST /v1/events`: what a player tells of one play session."""

from collections.abc import Callable
from math import ceil

from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector.answers import RETRY_AFTER_S, answer
from pipeline.collector.arrival import arrival
from pipeline.collector.bearer import bearer
from pipeline.collector.body import read_body
from pipeline.collector.cors import Cors
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.leaving import read_left
from pipeline.collector.pace import Pace
from pipeline.collector.packing import KafkaAwayError, QueueFullError
from pipeline.collector.publishing import Publisher
from pipeline.collector.sorting import Sorted, Sorter
from pipeline.collector.tokens import Play, Tokens
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings


class Events:
    """Takes posts in; says 202 only of what Kafka has acknowledged."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, tokens: Tokens, publisher: Publisher,
        clock: Callable[[], int], cors: Cors,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._tokens = tokens
        self._publisher = publisher
        self._clock = clock
        self._cors = cors
        self._pace = Pace(settings.posts_per_second, settings.posts_burst)

    async def take(self, request: Request) -> Response:
        """202, or what the status table says (raised as RefusedError)."""
        at = arrival(request.headers, self._clock, self._settings.simulation)
        if "authorization" in request.headers:
            play = self._let_in(bearer(request.headers), at)
            body = await read_body(request, self._settings.max_post_bytes)
        else:
            token, body = await read_left(request, self._settings.max_post_bytes)
            play = self._let_in(token, at)
        post = Sorter(self._catalogue, play, at).sort(body, self._settings.max_post_events)
        await self._publish(play, post, len(body))
        if post.errors:
            raise RefusedError(post.status, post.errors, accepted=post.accepted)
        return answer(202, {"accepted": post.accepted}, self._cors.headers(request.headers))

    def _let_in(self, token: str, at: int) -> Play:
        play = self._tokens.read(token, at)
        self._require_pace(play, at)
        return play

    def _require_pace(self, play: Play, at: int) -> None:
        wait_ms = self._pace.wait_ms(play.session_id, at)
        if wait_ms:
            raise refused(Fault.TOO_FAST, ("header", "Authorization"),
                          "too many posts of this play session: send more events in each",
                          {"Retry-After": str(ceil(wait_ms / 1000))})

    async def _publish(self, play: Play, post: Sorted, body_bytes: int) -> None:
        try:
            await self._publisher.publish(play, post, body_bytes)
        except KafkaAwayError:
            raise _later(Fault.KAFKA_AWAY, "Kafka does not take events now") from None
        except TimeoutError:
            raise _later(Fault.KAFKA_SLOW, "Kafka did not acknowledge in time") from None
        except QueueFullError:
            raise _later(Fault.QUEUE_FULL, "too much is waiting for Kafka") from None


def _later(fault: Fault, msg: str) -> RefusedError:
    return refused(fault, ("server",), f"{msg}: send the whole post again",
                   {"Retry-After": str(RETRY_AFTER_S)})
