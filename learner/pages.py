"""The addresses of the teacher's page. Whose page it is, the visit alone says, never an address."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from learner.certificates import CertificateState, certificate_state, unreadable
from learner.detail import detail_view
from learner.door import Door
from learner.passes import Pass
from learner.published import OnRoster, Published, UnreadableError
from learner.said import Programme, Progress
from learner.view import play_href, programme_view
from learner.views import Views
from learner.wording import moment
from learner.worker import Worker
from pipeline.rules.programme import Catalogue
from pipeline.web.assets import Assets

router = APIRouter()


class NotInError(Exception):
    """There is no visit, or no more."""


class UnknownError(Exception):
    """There is no such page."""


class ForeignFormError(Exception):
    """A form that does not come from a page of ours."""


@dataclass(frozen=True)
class Desk:
    """All that the pages are made of. `secret`: of the certificates' numbers, None: not known;
    `play_url`: settings' learner_play_url; `clock`: epoch ms.
    """

    door: Door
    worker: Worker
    published: Published
    catalogue: Catalogue
    views: Views
    assets: Assets
    secret: bytes | None
    play_url: str | None
    clock: Callable[[], int]


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


async def _visit(request: Request) -> Pass:
    found = await _desk(request).door.visitor(request)
    if found is None:
        raise NotInError
    return found


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives."""
    return PlainTextResponse("ok")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    found = _desk(request).assets.answer(name)
    if found is None:
        raise UnknownError
    return found


@router.post("/v1/visits")
async def visits(request: Request) -> Response:
    """For the platform's back end, which knows who is signed in."""
    return await _desk(request).door.open(request)


@router.get("/enter")
async def enter(request: Request, ticket: str = "") -> Response:
    """From the platform, with a ticket, to the page, without one in the address."""
    door = _desk(request).door
    found = await door.enter(ticket)
    if found is None:
        raise NotInError
    answer = RedirectResponse("/", 303)
    door.admit(answer, found.teacher_id)
    return answer


@router.post("/leave")
async def leave(request: Request) -> Response:
    """The end of the visit."""
    desk = _desk(request)
    if request.headers.get("origin") != desk.door.site.origin(request.headers):
        raise ForeignFormError
    answer = desk.views.answer("sorry.html", title="已退出", text="需要时请从研修平台再次进入。")
    await desk.door.leave(answer, await desk.door.visitor(request))
    return answer


@router.get("/")
async def home(request: Request) -> Response:
    """Everything of the teacher whose visit it is."""
    desk, visit = _desk(request), await _visit(request)
    progress, published = await asyncio.gather(
        desk.worker.progress(visit.teacher_id), _published(desk, visit.teacher_id))
    if progress is None:
        return desk.views.answer("nothing.html", teacher=visit.teacher_id)
    return desk.views.answer("progress.html", **_page(desk, progress, published))


async def _published(desk: Desk, teacher_id: str) -> OnRoster | UnreadableError | None:
    """The rest of the page works without it."""
    try:
        return await desk.published.of(teacher_id)
    except UnreadableError as error:
        return error


def _page(
    desk: Desk, progress: Progress, published: OnRoster | UnreadableError | None
) -> dict[str, Any]:
    now = desk.clock()
    views = [
        programme_view(one, desk.catalogue,
                       _certificate(desk, one, progress.teacher_id, published), now)
        for one in _latest_first(desk, progress)]
    as_of = moment(published.as_of) if isinstance(published, OnRoster) else None
    return {"teacher": progress.teacher_id, "programmes": views, "now": moment(now),
            "published_as_of": as_of}


def _latest_first(desk: Desk, progress: Progress) -> list[Programme]:
    """The programme that opened last comes first, as in the dashboard."""
    known = desk.catalogue.programmes

    def opened(one: Programme) -> int:
        return known[one.programme_id].window.opens_at if one.programme_id in known else 0

    return sorted(progress.programmes, key=opened, reverse=True)


def _certificate(
    desk: Desk, one: Programme, teacher_id: str, published: OnRoster | UnreadableError | None
) -> CertificateState:
    if isinstance(published, UnreadableError):
        return unreadable()
    return certificate_state(one, teacher_id, published, desk.secret)


@router.get("/resources/{resource_id}")
async def resource(request: Request, resource_id: str) -> Response:
    """One resource of the teacher whose visit it is."""
    desk, visit = _desk(request), await _visit(request)
    if resource_id not in desk.catalogue.resources:
        raise UnknownError
    said = await desk.worker.resource(visit.teacher_id, resource_id)
    found = detail_view(said, desk.catalogue) if said else None
    if found is None:
        raise UnknownError
    return desk.views.answer(
        "resource.html", teacher=visit.teacher_id, of=found, now=moment(desk.clock()),
        play=play_href(desk.play_url, resource_id, found.continue_at_ms))
