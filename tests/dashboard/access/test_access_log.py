"""Nobody sees anything that the access log does not tell of."""

import time
from collections.abc import Iterator

import orjson
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from pipeline.settings import Settings
from tests.dashboard.access.serving import NOON, Site, dashboard
from warehouse.dashboard.access import signin
from warehouse.dashboard.access.audit import AccessLog, days, lines
from warehouse.dashboard.access.guard import OPEN, STATIC
from warehouse.dashboard.access.query import router as query_router
from warehouse.dashboard.access.visitor import note
from warehouse.dashboard.pages import router as pages_router

PARAMETERS = {"code": "110000", "school_id": "bj1", "teacher_id": "ann", "sheet": "teachers",
              "form": "csv"}
ROUTERS = (pages_router, query_router, signin.router)
PATHS = sorted({
    route.path for router in ROUTERS for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    and route.path not in OPEN and not route.path.startswith(STATIC)
})


def with_more(app: FastAPI) -> None:
    """Pages as anybody may add them, who has never heard of the access log."""
    @app.get("/careless")
    async def careless() -> Response:
        return PlainTextResponse("the secret")

    @app.get("/streamed")
    def streamed(request: Request) -> Response:
        def parts() -> Iterator[str]:
            yield "the "
            yield "secret"
            note(request, rows=2)
        return StreamingResponse(parts(), headers={"Content-Disposition": "attachment"})

    @app.get("/endless")
    def endless() -> Response:
        def parts() -> Iterator[str]:
            while True:
                time.sleep(0.02)
                yield "x" * 65_536
        return StreamingResponse(parts())

    @app.get("/broken")
    async def broken() -> Response:
        raise ZeroDivisionError("the secret")


def test_there_are_pages_to_try() -> None:
    assert len(PATHS) >= 10


def test_every_page_leaves_a_line(site: Site) -> None:
    browser = site.signed_in("bj")
    for path in PATHS:
        filled = path.format(**PARAMETERS)
        answer = browser.get(filled, params={"programme": "summer"})
        # Beijing as a whole has no county's file; the line says so all the same.
        assert answer.status_code in ((404,) if "parquet" in path else (200, 303)), path
        line = [line for line in site.log() if line["event"] != "sent"][-1]
        assert (line["path"], line["who"], line["region"]) == (filled, "bj", "110000")
        assert (line["status"], line["address"]) == (answer.status_code, "127.0.0.1")
        assert line["at"].startswith("2023-07-21T12:00:00.000+08:00")
        assert line["asked"] == {"programme": "summer"}


def test_without_a_line_there_is_no_page(here: Settings) -> None:
    with dashboard(here, with_more) as site:
        browser = site.signed_in("bj")
        (file,) = here.access_log_dir.iterdir()
        file.unlink()
        file.mkdir()  # no line can be written any more
        for path in (*PATHS, "/careless", "/streamed", "/nowhere", "/broken"):
            answer = browser.get(path.format(**PARAMETERS))
            assert answer.status_code == 503, path
            assert "访问日志" in answer.text
            for secret in ("secret", "ann", "东城", "北京市"):
                assert secret not in answer.text, path
            assert "content-disposition" not in answer.headers


def test_without_a_log_nobody_signs_in(site: Site) -> None:
    here = site.settings.access_log_dir
    here.parent.mkdir(exist_ok=True)
    here.write_text("no folder")
    answer = site.browser().sign_in("bj")
    assert answer.status_code == 500
    assert "xueshi=" not in str(answer.headers)


def test_a_page_that_never_heard_of_the_log_is_in_it(here: Settings) -> None:
    with dashboard(here, with_more) as site:
        assert site.signed_in("bj").get("/careless").text == "the secret"
        assert (site.log("read")[0]["path"], site.log("read")[0]["what"]) == (
            "/careless", "careless")


def test_a_download_is_told_at_its_beginning_and_at_its_end(here: Settings) -> None:
    with dashboard(here, with_more) as site:
        plain = {"Accept-Encoding": "identity"}
        assert site.signed_in("bj").get("/streamed", headers=plain).text == "the secret"
        (begun,), (ended,) = site.log("download"), site.log("sent")
        assert begun["request"] == ended["request"]
        assert (ended["bytes"], ended["whole"], ended["rows"], ended["who"]) == (10, True, 2, "bj")


def test_a_download_is_told_with_the_number_of_its_rows(site: Site) -> None:
    browser = site.signed_in("bj")
    rows = {"/regions/110000/teachers.csv": 5, "/regions/110000/teachers.xlsx": 5,
            "/schools/bj1/teachers.csv": 3, "/teachers/ann/courses.csv": 3}
    for path in rows:
        assert browser.get(path, params={"size": "1"}).status_code == 200
    assert {line["path"]: line["rows"] for line in site.log("download")} == rows


def test_a_download_that_there_is_not_has_no_rows(site: Site) -> None:
    assert site.signed_in("bj").get("/regions/110000/teachers.pdf").status_code == 404
    (line,) = site.log("read")
    assert "rows" not in line


def test_a_download_that_breaks_off_is_told_so(here: Settings) -> None:
    with dashboard(here, with_more) as site:
        browser = site.signed_in("bj")
        with browser.stream("GET", "/endless") as answer:
            next(answer.iter_raw())
            assert site.log("read")[0]["path"] == "/endless"  # before the first byte
        deadline = time.monotonic() + 20
        while not site.log("sent"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert site.log("sent")[0]["whole"] is False


def test_a_page_that_breaks_is_told_with_its_status(here: Settings) -> None:
    with dashboard(here, with_more) as site:
        answer = site.signed_in("bj").get("/broken")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert site.log("read")[0]["status"] == 500
        assert answer.headers["x-frame-options"] == "DENY"


def test_whom_somebody_searched_for_is_not_kept(site: Site) -> None:
    browser = site.signed_in("bj")
    browser.get("/regions/110000/teachers", params={"q": "王芳", "list": "open", "王": "1"})
    assert site.log("read")[0]["asked"] == {"q": "…", "list": "open"}
    assert "王" not in str(site.log())


def test_what_is_refused_is_told_too(site: Site) -> None:
    site.signed_in("bj").get("/regions/440000")
    line = site.log("read")[0]
    assert (line["path"], line["status"]) == ("/regions/440000", 404)


def test_strangers_cannot_fill_the_log(site: Site) -> None:
    browser = site.browser()
    for path in ("/", "/login", "/nowhere", "/healthz", "/static/dashboard.css"):
        browser.get(path)
    browser.post("/login", data={"a": "b"})
    assert site.log() == []


def test_a_file_a_day_for_its_owner_only(here: Settings) -> None:
    now = [NOON]
    log = AccessLog(here.access_log_dir, lambda: now[0])
    log.write(event="read", who="a")
    now[0] += 12 * 3_600_000 - 1
    log.write(event="read", who="b", nothing=None)
    now[0] += 1
    log.write(event="read", who="c\n{}")
    told = {str(day): [line["who"] for line in lines(here.access_log_dir, day)]
            for day in days(here.access_log_dir)}
    assert told == {"2023-07-21": ["a", "b"], "2023-07-22": ["c\n{}"]}
    for path in (here.access_log_dir, *here.access_log_dir.iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_line_cut_short_by_a_full_disk_spoils_no_other(here: Settings) -> None:
    log = AccessLog(here.access_log_dir, lambda: NOON)
    log.write(event="read", who="a")
    (file,) = here.access_log_dir.iterdir()
    with file.open("ab") as cut:
        cut.write(b'{"event":"re')
    log.write(event="read", who="b")
    (day,) = days(here.access_log_dir)
    assert [line["who"] for line in lines(here.access_log_dir, day)] == ["a", "b"]


def test_the_file_is_only_appended_to(site: Site) -> None:
    browser = site.signed_in("bj")
    (file,) = site.settings.access_log_dir.iterdir()
    before = file.read_bytes()
    browser.get("/regions/110000")
    after = file.read_bytes()
    assert after.startswith(before)
    assert orjson.loads(after[len(before):].splitlines()[0])["path"] == "/regions/110000"
