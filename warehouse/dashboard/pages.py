"""The addresses of the dashboard, and what each shows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)

from warehouse.dashboard import teacher as one_teacher
from warehouse.dashboard.access.account import Account, signed_in
from warehouse.dashboard.access.visitor import note
from warehouse.dashboard.asked import Address, asked
from warehouse.dashboard.door import open_for
from warehouse.dashboard.downloads import download
from warehouse.dashboard.name_lists import NAME_LISTS
from warehouse.dashboard.places import Crumb, region_href, region_place, school_place, teacher_href
from warehouse.dashboard.programmes import chosen
from warehouse.dashboard.schools import other as schools_other
from warehouse.dashboard.sheet import Sheet
from warehouse.dashboard.views import Views
from warehouse.dashboard.visit import Subject, Visit

router = APIRouter()

PARAMETERS = ("programme", "q", "sort", "dir", "page", "size", "list", "bin", "other", "direct",
              "day")
OVERVIEW = ("funnel", "courses", "distribution", "days")


def visit(request: Request, account: Annotated[Account, Depends(signed_in)]) -> Visit:
    """What every page begins with. A region in the address is checked before anything is read."""
    query = {name: value for name in PARAMETERS if (value := request.query_params.get(name))}
    wanted, days = asked(query), request.app.state.days
    reading = open_for(account, days, wanted.day, request.path_params.get("code"))
    return Visit(reading, chosen(reading, wanted.programme), wanted,
                 Address(request.url.path, query), tuple(days.known()))


def views(request: Request) -> Views:
    found: Views = request.app.state.views
    return found


Visiting = Annotated[Visit, Depends(visit)]
Showing = Annotated[Views, Depends(views)]


@router.get("/")
def home(account: Annotated[Account, Depends(signed_in)]) -> Response:
    """The account's own region."""
    return RedirectResponse(region_href(account.region), 303)


@router.get("/healthz")
def healthz() -> Response:
    """The process lives. It says nothing of what is published."""
    return PlainTextResponse("ok")


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    answer: Response = request.app.state.assets.answer(name)
    return answer


@router.get("/regions/{code}")
def region(visit: Visiting, views: Showing, code: str) -> HTMLResponse:
    """A region: its figures, and the places directly below it."""
    subject = Subject(visit, region_place(visit.reading, code))
    other = schools_other(visit.reading, visit.chosen, subject.place)
    return _place_page(views, "region.html", subject, "places", other=other)


@router.get("/schools/{school_id}")
def school(visit: Visiting, views: Showing, school_id: str) -> HTMLResponse:
    """A school: its figures, and its teachers."""
    subject = Subject(visit, school_place(visit.reading, school_id))
    return _place_page(views, "school.html", subject, "teachers")


def _place_page(
    views: Views, template: str, subject: Subject, sheet: str, **more: object
) -> HTMLResponse:
    found = {id_: subject.find(id_, subject.visit.asked) for id_ in OVERVIEW}
    return views.page(
        template, subject.visit, subject.crumbs, subject=subject, place=subject.place,
        overview={id_: made for id_, made in found.items() if made is not None},
        sheet=subject.sheet(sheet, subject.visit.asked), **more)


@router.get("/regions/{code}/teachers")
def region_teachers(visit: Visiting, views: Showing, code: str) -> HTMLResponse:
    """The name lists of a region."""
    return _list_page(views, Subject(visit, region_place(visit.reading, code)), "teachers")


@router.get("/schools/{school_id}/teachers")
def school_teachers(visit: Visiting, views: Showing, school_id: str) -> HTMLResponse:
    """The name lists of a school."""
    return _list_page(views, Subject(visit, school_place(visit.reading, school_id)), "teachers")


@router.get("/regions/{code}/schools")
def region_schools(visit: Visiting, views: Showing, code: str) -> HTMLResponse:
    """All schools of a region."""
    return _list_page(views, Subject(visit, region_place(visit.reading, code)), "schools")


def _list_page(views: Views, subject: Subject, id_: str) -> HTMLResponse:
    sheet = subject.sheet(id_, subject.visit.asked)
    crumbs = [*subject.crumbs, Crumb("教师名单" if id_ == "teachers" else sheet.title, "")]
    return views.page(f"{id_}.html", subject.visit, crumbs, subject=subject, place=subject.place,
                      sheet=sheet, lists=NAME_LISTS)


@router.get("/teachers/{teacher_id}")
def teacher(visit: Visiting, views: Showing, teacher_id: str) -> HTMLResponse:
    """A teacher: what is learned, credited and required, course by course (rule 25)."""
    found = one_teacher.teacher(visit.reading, visit.chosen, teacher_id)
    sheet = one_teacher.courses(visit.reading, visit.chosen.programme, found)
    crumbs = [*Subject(visit, found.school).crumbs, Crumb(found.name or found.id, "")]
    return views.page("teacher.html", visit, crumbs, teacher=found, sheet=sheet,
                      base=teacher_href(found.id))


@router.get("/regions/{code}/county.parquet")
def county(request: Request, visit: Visiting, code: str) -> Response:
    """The county's file, as it was published."""
    path = visit.reading.county(code)
    note(request, file=path.name)
    return FileResponse(path, filename=path.name, media_type="application/vnd.apache.parquet")


@router.get("/regions/{code}/{sheet}.{form}")
def region_download(
    request: Request, visit: Visiting, code: str, sheet: str, form: str
) -> Response:
    """A table of a region, as a file."""
    return _download(request, Subject(visit, region_place(visit.reading, code)), sheet, form)


@router.get("/schools/{school_id}/{sheet}.{form}")
def school_download(
    request: Request, visit: Visiting, school_id: str, sheet: str, form: str
) -> Response:
    """A table of a school, as a file."""
    return _download(request, Subject(visit, school_place(visit.reading, school_id)), sheet, form)


def _download(request: Request, subject: Subject, sheet: str, form: str) -> Response:
    place, everything = subject.place, subject.visit.asked.everything()
    return _file(request, subject.visit, subject.sheet(sheet, everything),
                 (place.name, place.code), form)


@router.get("/teachers/{teacher_id}/courses.{form}")
def teacher_download(
    request: Request, visit: Visiting, teacher_id: str, form: str
) -> Response:
    """A teacher's courses, as a file."""
    found = one_teacher.teacher(visit.reading, visit.chosen, teacher_id)
    sheet = one_teacher.courses(visit.reading, visit.chosen.programme, found)
    return _file(request, visit, sheet, (found.name or found.id, found.id), form)


def _file(
    request: Request, visit: Visit, sheet: Sheet, where: tuple[str, str], form: str
) -> Response:
    """The sheet as a file, of which the access log has the number of rows."""
    answer = download(visit, sheet, where, form, request.app.state.turns)
    note(request, rows=sheet.found)
    return answer
