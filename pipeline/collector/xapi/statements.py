"""`PUT` and `POST /xapi/statements`: all of a batch is taken, or nothing."""

import asyncio
from collections.abc import Callable, Iterator

import orjson
from starlette.requests import Request
from starlette.responses import Response

from pipeline.collector.answers import answer
from pipeline.collector.arrival import arrival
from pipeline.collector.body import Sent, read_body
from pipeline.collector.faults import Fault, Place, refused
from pipeline.collector.limits import REJECTION_OVERHEAD, Limits
from pipeline.collector.packing import KafkaAwayError, QueueFullError
from pipeline.collector.publishing import Publisher
from pipeline.collector.sorting import Sorted
from pipeline.collector.tokens import Play
from pipeline.collector.xapi import permission
from pipeline.collector.xapi.credentials import Credentials
from pipeline.collector.xapi.faults import XapiFault, later
from pipeline.collector.xapi.memory import Remembered
from pipeline.collector.xapi.parameters import require_json, statement_id
from pipeline.collector.xapi.parsing import Told, parse, parse_one
from pipeline.collector.xapi.quizzes import Answered
from pipeline.collector.xapi.sameness import Gist, gist
from pipeline.collector.xapi.taking import Maker, Played
from pipeline.collector.xapi.tape import Tape
from pipeline.collector.xapi.verbs import PLAYING, QUIZ, verb_of
from pipeline.collector.xapi.video import playing
from pipeline.rules.programme import Catalogue
from pipeline.settings import Settings

EVENTS_HEADER = "X-Xueshi-Events"
"""How many events an answer's statements came to: for whoever wonders why nothing is credited."""

PLATFORM = " the platform"   # no teacher's id, which has no space in it


class Statements:
    """Takes statements in; says 200 or 204 only when Kafka has all that they came to."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, credentials: Credentials,
        limits: Limits, publisher: Publisher, clock: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._credentials = credentials
        self._publisher = publisher
        self._clock = clock
        self._limits = limits
        self._gists: Remembered[str, Gist] = Remembered()
        self._tapes: Remembered[str, Tape] = Remembered()

    async def take(self, request: Request) -> Response:
        """204 to a PUT, 200 and the ids to a POST, or RefusedError as the table says."""
        at = arrival(request.headers, self._clock, self._settings.simulation)
        play = self._credentials.read(request.headers, at)
        if play is not None:
            self._limits.require_turn(play, at)
        put_to = statement_id(request)
        require_json(request)
        share = self._limits.room.share(play.teacher_id if play else PLATFORM)
        body = await read_body(Sent(request.headers, request.receive),
                               self._settings.max_post_bytes, share)
        whose = play.session_id if play else "platform"
        told = [parse_one(body, put_to)] if put_to else parse(
            body, whose, self._settings.max_post_events)
        events = await self._take(play, told, at)
        headers = {EVENTS_HEADER: str(events)}
        ids = [one.id for one in told]
        return Response(None, 204, headers) if put_to else answer(200, ids, headers)

    async def _take(self, play: Play | None, told: list[Told], at: int) -> int:
        """How many events they came to. What is remembered changes only with Kafka's answer, so
        that a request that failed can be sent again.
        """
        gists = {one.id: gist(one.raw) for one in told}
        for place, one in _placed(told):
            permission.require_allowed(play, self._settings.xapi_activity_prefix, one.said, place)
        new = [one for place, one in _placed(told) if self._is_new(one, gists[one.id], place)]
        maker = Maker(self._catalogue, at, self._settings.max_post_events)
        if play is None:
            made = maker.of_answers([a for one in new for a in self._answered(one)])
        else:
            played = self._played(play, new)
            made = [(play, maker.of_play(play, played))]
            self._limits.require_moderate(play, made[0][1], at)
        await self._publish(made)
        if play is not None and played.tape is not None:
            self._tapes.keep({play.session_id: played.tape})
        self._gists.keep({one.id: gists[one.id] for one in new})
        return sum(post.accepted for _, post in made)

    def _is_new(self, one: Told, its: Gist, place: Place) -> bool:
        known = self._gists.get(one.id)
        if known is not None and not known.matches(its):
            raise refused(XapiFault.CONFLICT, (*place, "id"),
                               "another statement with this id was taken; nothing was changed")
        return known is None

    def _played(self, play: Play, told: list[Told]) -> Played:
        played = Played(self._tapes.get(play.session_id))
        for one in told:
            verb = verb_of(one.said.verb.id)
            about = permission.object_of(self._settings.xapi_activity_prefix, one.said)
            if verb in PLAYING and about is not None and about.inside is None:
                played.take(playing(verb, one.id, one.said))
        return played

    def _answered(self, one: Told) -> Iterator[Answered]:
        about = permission.object_of(self._settings.xapi_activity_prefix, one.said)
        response = one.said.result.response if one.said.result else None
        teacher = permission.account_of(one.said)
        if verb_of(one.said.verb.id) in QUIZ and about and about.quiz and teacher and response:
            yield Answered(one.id, teacher, about.resource_id, *about.quiz, response)

    async def _publish(self, made: list[tuple[Play, Sorted]]) -> None:
        sending = [self._publisher.publish(play, post, _bytes(post))
                   for play, post in made if post.accepted or post.rejections]
        try:
            await asyncio.gather(*sending)
        except KafkaAwayError:
            raise later(Fault.KAFKA_AWAY) from None
        except TimeoutError:
            raise later(Fault.KAFKA_SLOW) from None
        except QueueFullError:
            raise later(Fault.QUEUE_FULL) from None


def _bytes(post: Sorted) -> int:
    """How large its answers and rejections may be; heartbeats are counted where they are packed."""
    answers = sum(len(orjson.dumps(quiz["answers"])) for quiz in post.quizzes)
    return answers + sum(len(kept.raw) + REJECTION_OVERHEAD for kept in post.rejections)


def _placed(told: list[Told]) -> Iterator[tuple[Place, Told]]:
    """Each with its place in the body, as answers name it."""
    for index, one in enumerate(told):
        yield ("statement",) if len(told) == 1 else ("statements", index), one
