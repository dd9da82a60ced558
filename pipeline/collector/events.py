"""`POST /v1/events`: what a player tells of one play session."""

from collections.abc import Callable
from time import perf_counter

from starlette.types import Receive, Scope, Send

from pipeline.collector.answers import RETRY_AFTER_S, accept, failed, refusal
from pipeline.collector.arrival import NAME as SIMULATED_TIME
from pipeline.collector.arrival import arrival
from pipeline.collector.bearer import bearer
from pipeline.collector.body import Sent, read_body
from pipeline.collector.cors import Cors
from pipeline.collector.direct import offered
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.gate import Gate
from pipeline.collector.leaving import read_left
from pipeline.collector.packing import KafkaAwayError, QueueFullError
from pipeline.collector.publishing import Publisher
from pipeline.collector.room import NOBODY, SMALL
from pipeline.collector.sorting import Sorted, Sorter
from pipeline.collector.tokens import Play
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings

PATH = "/v1/events"
READ = {name.encode(): name for name in (
    "authorization", "content-encoding", "content-length", "origin", SIMULATED_TIME)}


class Events:
    """Takes posts in; says 202 only of what Kafka has acknowledged.

    An ASGI application of its own, as what a framework does around it costs more than all of it.
    """

    def __init__(
        self, settings: Settings, catalogue: Catalogue, gate: Gate, publisher: Publisher,
        clock: Callable[[], int], cors: Cors,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._gate = gate
        self._publisher = publisher
        self._clock = clock
        self._cors = cors
        self._requests = publisher.counts.requests
        self._slot = self._requests.slot(PATH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """202, or what the status table says; counted."""
        requests, begun, status = self._requests, perf_counter(), 0
        requests.in_flight += 1
        try:
            status = await self._answer(scope, receive, send)
        except Exception:
            status = 500
            raise  # the server logs it
        finally:
            requests.in_flight -= 1
            self._slot.note(status, perf_counter() - begun)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        direct = offered(scope)
        headers = _headers(scope)
        sent = Sent(headers, receive, direct.body(SMALL) if direct else None)
        readable = self._cors.headers(headers)
        try:
            accepted = await self._take(sent)
        except RefusedError as error:
            await refusal(error, readable)(scope, receive, send)
            return error.status
        except Exception:
            await refusal(failed(), readable)(scope, receive, send)
            raise
        await accept(direct, send, {"accepted": accepted}, readable)
        return 202

    async def _take(self, sent: Sent) -> int:
        """How many events Kafka has acknowledged. Raises RefusedError."""
        at = arrival(sent.headers, self._clock, self._settings.simulation)
        if "authorization" in sent.headers:
            play = self._gate.let_in(bearer(sent.headers), at)
            share = self._gate.limits.room.share(play.teacher_id)
            body = await read_body(sent, self._settings.max_post_bytes, share)
        else:
            share = self._gate.limits.room.share(NOBODY)
            token, body = await read_left(sent, self._settings.max_post_bytes, share)
            play = self._gate.let_in(token, at)
        post = Sorter(self._catalogue, play, at).sort(body, self._settings.max_post_events)
        self._gate.limits.require_moderate(play, post, at)
        await self._publish(play, post, len(body))
        if post.errors:
            raise RefusedError(post.status, post.errors, accepted=post.accepted)
        return post.accepted

    async def _publish(self, play: Play, post: Sorted, body_bytes: int) -> None:
        try:
            await self._publisher.publish(play, post, body_bytes)
        except KafkaAwayError:
            raise _later(Fault.KAFKA_AWAY, "Kafka does not take events now") from None
        except TimeoutError:
            raise _later(Fault.KAFKA_SLOW, "Kafka did not acknowledge in time") from None
        except QueueFullError:
            raise _later(Fault.QUEUE_FULL, "too much is waiting for Kafka") from None


def _headers(scope: Scope) -> dict[str, str]:
    """Those that are read. Of several with one name the first counts."""
    return {READ[name]: value.decode("latin-1")
            for name, value in reversed(scope["headers"]) if name in READ}


def _later(fault: Fault, msg: str) -> RefusedError:
    return refused(fault, ("server",), f"{msg}: send the whole post again",
                   {"Retry-After": str(RETRY_AFTER_S)})
