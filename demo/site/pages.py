"""The addresses of the website. Who it is, the browser says in a cookie, and anybody may choose:
it stands for a platform's sign-in, and is for this machine only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from demo.site.films import Films
from demo.site.listed import trainings
from demo.site.platform import Platform
from demo.up.people import VISITORS, Person, school_name
from learner.said import Progress
from learner.views import Views
from learner.worker import Worker
from pipeline.asking import AwayError
from pipeline.rules.programme import Catalogue, Resource
from pipeline.web.assets import Assets
from pipeline.web.site import Site

COOKIE = "xueshi-demo-teacher"
BODY_BYTES = 200
FILM_HEADERS = {"Cache-Control": "private, max-age=3600"}

router = APIRouter()


class NotInError(Exception):
    """Nobody has been chosen in this browser."""


class UnknownError(Exception):
    """There is no such page."""


class ForeignFormError(Exception):
    """A form or a request that does not come from a page of ours."""


@dataclass(frozen=True)
class Desk:
    """All that the pages are made of. `dashboard`: its address; `policy`: what a page with a
    player may load (CSP); `clock`: epoch ms.
    """

    site: Site
    platform: Platform
    worker: Worker
    catalogue: Catalogue
    films: Films
    assets: Assets
    views: Views
    dashboard: str
    policy: str
    clock: Callable[[], int]

    def page(self, template: str, visitor: Person | None = None, **more: Any) -> Response:
        answer = self.views.answer(template, visitor=visitor, dashboard=self.dashboard, **more)
        answer.headers["Content-Security-Policy"] = self.policy
        return answer


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(_desk)]


def _chosen(request: Request) -> Person | None:
    return VISITORS.get(request.cookies.get(COOKIE, ""))


def _visitor(request: Request) -> Person:
    if (found := _chosen(request)) is None:
        raise NotInError
    return found


def _own(request: Request, desk: AtDesk) -> None:
    """What changes something comes from a page of this site."""
    if request.headers.get("origin") != desk.site.origin(request.headers):
        raise ForeignFormError


def _video(resource_id: str, desk: AtDesk) -> Resource:
    found = desk.catalogue.resources.get(resource_id)
    if found is None or found.kind != "video":
        raise UnknownError
    return found


Visitor = Annotated[Person, Depends(_visitor)]
Video = Annotated[Resource, Depends(_video)]


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives."""
    return Response("ok", media_type="text/plain")


@router.get("/static/{name}")
async def static(desk: AtDesk, name: str) -> Response:
    if (found := desk.assets.answer(name)) is None:
        raise UnknownError
    return found


@router.get("/")
async def home(request: Request, desk: AtDesk) -> Response:
    """Who are you? Then: which video?"""
    visitor = _chosen(request)
    if visitor is None:
        people = [(one, school_name(one)) for one in VISITORS.values()]
        return desk.page("enter.html", people=people)
    progress = await _progress(desk, visitor)
    return desk.page("videos.html", visitor, school=school_name(visitor),
                     trainings=trainings(desk.catalogue, progress))


async def _progress(desk: Desk, visitor: Person) -> Progress | None:
    """The list is of use without it."""
    try:
        return await desk.worker.progress(visitor.id)
    except AwayError:
        return None


@router.post("/enter", dependencies=[Depends(_own)])
async def enter(request: Request, desk: AtDesk) -> Response:
    """Be one of the demo's teachers."""
    body = await request.body() if _length(request) <= BODY_BYTES else b""
    (teacher,) = parse_qs(body.decode("ascii", "replace")).get("teacher", [""])[:1]
    if teacher not in VISITORS:
        raise UnknownError
    answer = RedirectResponse("/", 303)
    desk.site.put(answer, COOKIE, teacher)
    return answer


def _length(request: Request) -> int:
    said = request.headers.get("content-length", "")
    return int(said) if said.isdigit() else BODY_BYTES + 1


@router.post("/leave", dependencies=[Depends(_own)])
async def leave(desk: AtDesk) -> Response:
    answer = RedirectResponse("/", 303)
    desk.site.drop(answer, COOKIE)
    return answer


@router.get("/watch/{resource_id}")
async def watch(desk: AtDesk, visitor: Visitor, video: Video, at: str = "") -> Response:
    """The page with the player. `at`: where to begin, in seconds."""
    begin = at if at.isdecimal() and len(at) < 6 else ""
    return desk.page("watch.html", visitor, video=video, at=begin,
                     collector=desk.platform.collector, mark=_place(desk, video))


def _place(desk: Desk, video: Resource) -> str:
    first = desk.catalogue.listings[video.id][0]
    return f"{first.programme.name} · {first.course.name}"


@router.get("/films/{resource_id}")
async def film(desk: AtDesk, video: Video) -> Response:
    """The film, in whatever pieces the browser asks for."""
    return FileResponse(desk.films.path(video), media_type="video/webm", headers=FILM_HEADERS)


@router.post("/plays/{resource_id}", dependencies=[Depends(_own)])
async def plays(desk: AtDesk, visitor: Visitor, video: Video) -> Response:
    """A play for the page, which the platform opens with its key (rule 18)."""
    return JSONResponse(await desk.platform.play(visitor.id, video.id))


@router.get("/hours")
async def hours(desk: AtDesk, visitor: Visitor) -> Response:
    """The teacher's own page."""
    return RedirectResponse(await desk.platform.visit(visitor.id), 303)
