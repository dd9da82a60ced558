"""How a teacher gets in: the platform posts who it is, and gets an address for their browser."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from learner.passes import TICKET, VISIT, Pass, Passes
from learner.spent import Spent
from pipeline.collector.answers import answer
from pipeline.collector.bearer import bearer
from pipeline.collector.body import Sent, read_body
from pipeline.collector.faults import Fault, RefusedError, refused
from pipeline.collector.wording import body_errors
from pipeline.keys import is_one_of
from pipeline.schemas.base import Id
from pipeline.web.site import Site

TICKET_S = 60
BODY_BYTES = 4096
COOKIE = "xueshi-learner"


class OpenVisit(BaseModel):
    """This teacher is signed in at the platform."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    teacher_id: Id


@dataclass(frozen=True)
class Door:
    """Tickets in, visits out. `minutes`: how long a visit lasts; `clock`: epoch ms.
    `keys`: the platform's, those that are good."""

    site: Site
    keys: Sequence[str]
    passes: Passes
    spent: Spent
    minutes: int
    clock: Callable[[], int]

    async def open(self, request: Request) -> Response:
        """`POST /v1/visits`: 201 with the address for the browser, good once within a minute.

        Raises:
            RefusedError: 401 wrong key, 422 no teacher's id, and what read_body raises.
        """
        self._require_key(bearer(request.headers))
        teacher_id = _teacher(await read_body(Sent(request.headers, request.receive), BODY_BYTES))
        if not self.site.secure and not self.site.is_asked(request.headers):
            raise refused(Fault.UNKNOWN_PATH, ("header", "Host"),
                          "without XUESHI_LEARNER_URL ask at 127.0.0.1 or localhost")
        now = self.clock()
        ticket = self.passes.sign(TICKET, teacher_id, now, TICKET_S)
        url = f"{self.site.origin(request.headers)}/enter?ticket={ticket}"
        return answer(201, {"url": url, "expires_at": (now // 1000 + TICKET_S) * 1000},
                      {"Cache-Control": "no-store"})

    def _require_key(self, given: str) -> None:
        if not is_one_of(given, self.keys):
            raise refused(Fault.WRONG_KEY, ("header", "Authorization"),
                          "send the platform's key as `Bearer <key>`",
                          {"WWW-Authenticate": "Bearer"})

    async def enter(self, ticket: str) -> Pass | None:
        """The ticket's pass, which nobody gets a second time; None if it is not good (any more)."""
        now = self.clock()
        found = self.passes.read(TICKET, ticket, now)
        if found is None:
            return None
        is_first = await asyncio.to_thread(self.spent.spend, found, now)
        return found if is_first else None

    def admit(self, response: Response, teacher_id: str) -> None:
        """Begin a visit in this browser."""
        token = self.passes.sign(VISIT, teacher_id, self.clock(), self.minutes * 60)
        self.site.put(response, self.site.cookie(COOKIE), token)

    async def visitor(self, request: Request) -> Pass | None:
        """Whose visit the request belongs to."""
        token = request.cookies.get(self.site.cookie(COOKIE), "")
        found = self.passes.read(VISIT, token, self.clock()) if token else None
        if found is None:
            return None
        is_over = await asyncio.to_thread(self.spent.is_spent, found)
        return None if is_over else found

    async def leave(self, response: Response, visit: Pass | None) -> None:
        """The visit is over, whoever still has its cookie."""
        if visit:
            await asyncio.to_thread(self.spent.spend, visit, self.clock())
        self.site.drop(response, self.site.cookie(COOKIE))


def _teacher(body: bytes) -> str:
    try:
        teacher_id = OpenVisit.model_validate(from_json(body)).teacher_id
    except ValueError as unreadable:
        raise RefusedError(422, body_errors(unreadable)) from unreadable
    if not teacher_id.strip("."):  # "." and ".." are steps in an address, and no account's id
        raise refused(Fault.MALFORMED, ("teacher_id",), "must not be dots alone")
    return teacher_id
