"""Plays teachers' actions through the collector: many at once, each one's in order."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import aiohttp
import orjson

from simulator.actions import Action, Open, Post, Trick
from simulator.door import Door, Entrance, Reply, body_of, token_for

TEACHERS_AT_ONCE = 100
"""A post is answered when Kafka has it, some 30 ms later, and a teacher waits for that."""

PATIENCE = 12
"""How often a refusal that promises better, or a collector that is away (36 s), is tried again."""

RETRIED = frozenset({429, 503})
SHOWN = 20

EXPECTED = {
    Trick.NONE: 202,
    Trick.CLAIMED_SCORE: 202,  # the claim is ignored (rule 10)
    Trick.FORGED_TOKEN: 401,
    Trick.OTHER_RESOURCE: 403,
    Trick.BEYOND_THE_END: 422,
    Trick.GARBAGE: 422,
}
"""The collector's final answer to a post, known beforehand for each trick."""


class CollectorAwayError(Exception):
    """The collector does not answer, keeps turning posts away, or is not set up for this."""


@dataclass(slots=True)
class Tally:
    """What was sent and what came back.

    statuses    (kind, status) → answers; kind is "play", "events", or the name of a trick
    expected    (kind, status) → final answers that are known beforehand, refusals included
    retries     answers 429 and 503, and broken connections, after which it was sent again
    unexpected  how many final answers were not the expected ones; `examples` has the first
    """

    heartbeats: int = 0
    posts: int = 0
    plays: int = 0
    retries: int = 0
    unexpected: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    expected: Counter[tuple[str, int]] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def refusals_expected(self) -> Counter[int]:
        """Status → posts that the collector has to refuse with it, exactly."""
        refused: Counter[int] = Counter()
        for (_, status), count in self.expected.items():
            if status >= 400:
                refused[status] += count
        return refused

    def note(self, who: str, kind: str, expected: int, reply: Reply) -> None:
        """Count a final answer."""
        self.expected[kind, expected] += 1
        if reply.status != expected:
            self.unexpected += 1
            if len(self.examples) < SHOWN:
                self.examples.append(f"{who}, {kind}: not {expected} but {excerpt(reply)}")


def excerpt(reply: Reply) -> str:
    """Status and the beginning of the body."""
    return f"{reply.status} {reply.body[:300].decode(errors='replace')}"


class TeacherPlayer:
    """Plays one teacher. `_shift_ms` grows where the collector asks to slow down: virtual time
    goes on meanwhile, and all that follows happens that much later.
    """

    def __init__(self, door: Entrance, teacher_id: str, tally: Tally) -> None:
        self._door = door
        self._teacher_id = teacher_id
        self._tally = tally
        self._tokens: dict[str, str] = {}
        self._shift_ms = 0

    async def play(self, actions: Iterator[Action]) -> None:
        """All actions, one after the other.

        Raises:
            CollectorAwayError: it stayed away or too busy, or knows neither our key nor our time.
        """
        for action in actions:
            if isinstance(action, Open):
                await self._open(action)
            elif token := self._tokens.get(action.play):
                await self._post(action, token)

    async def _open(self, action: Open) -> None:
        reply = await self._insist("play", lambda: self._door.open(
            action.at + self._shift_ms, self._teacher_id, action.resource_id))
        if reply.status in (400, 401):
            raise CollectorAwayError(f"the collector opens no play for us: {excerpt(reply)}")
        self._tally.plays += 1
        self._tally.note(self._teacher_id, "play", 201, reply)
        if reply.status == 201:
            self._tokens[action.play] = orjson.loads(reply.body)["token"]

    async def _post(self, post: Post, token: str) -> None:
        kind = "events" if post.trick is Trick.NONE else str(post.trick)
        body, bearer = body_of(post), token_for(post, token)
        reply = await self._insist(
            kind, lambda: self._door.post(post.at + self._shift_ms, bearer, body))
        self._tally.posts += 1
        self._tally.heartbeats += post.beats
        self._tally.note(self._teacher_id, kind, EXPECTED[post.trick], reply)

    async def _insist(self, kind: str, send: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send again as long as the answer is 429, 503 or none, and patience lasts."""
        for attempt in range(PATIENCE):
            reply = await self._try(send)
            if reply is not None:
                self._tally.statuses[kind, reply.status] += 1
                if reply.status not in RETRIED:
                    return reply
            self._tally.retries += 1
            await self._wait(reply, attempt)
        answer = "no answer" if reply is None else f"status {reply.status}"
        raise CollectorAwayError(
            f"the collector gives {answer} to {self._teacher_id} after {PATIENCE} attempts")

    async def _try(self, send: Callable[[], Awaitable[Reply]]) -> Reply | None:
        try:
            return await send()
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _wait(self, reply: Reply | None, attempt: int) -> None:
        """For 429 virtual time goes by, since its limiter counts in that; else real time."""
        if reply is not None and reply.status == 429:
            self._shift_ms += round(max(1.0, reply.retry_after) * 1000)
        else:
            asked = reply.retry_after if reply is not None else 0
            await asyncio.sleep(max(asked, min(5.0, 0.1 * 2**attempt)))


async def play_all(
    url: str, platform_key: str, teachers: Iterator[tuple[str, Iterator[Action]]], tally: Tally
) -> None:
    """Play all teachers, (id, actions) each; `tally` grows meanwhile.

    Raises:
        CollectorAwayError: the first player that gives up ends it for all.
    """
    async with connecting() as http:
        await play_through(Door(http, url, platform_key), teachers, tally)


def connecting() -> aiohttp.ClientSession:
    """Connections for TEACHERS_AT_ONCE, to be closed by the caller."""
    timeout = aiohttp.ClientTimeout(total=60)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=TEACHERS_AT_ONCE),
                                 timeout=timeout)


async def play_through(
    door: Entrance, teachers: Iterator[tuple[str, Iterator[Action]]], tally: Tally
) -> None:
    """The same through a door that is there. Raises CollectorAwayError."""
    gave_up: list[Exception] = []
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(TEACHERS_AT_ONCE):
                group.create_task(_play_some(door, teachers, tally))
    except* CollectorAwayError as failures:
        gave_up += failures.exceptions
    if gave_up:
        raise gave_up[0]


async def _play_some(
    door: Entrance, teachers: Iterator[tuple[str, Iterator[Action]]], tally: Tally
) -> None:
    for teacher_id, actions in teachers:
        await TeacherPlayer(door, teacher_id, tally).play(actions)
