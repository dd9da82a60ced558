"""An account opens only its own region's data: attacked by addresses, names of files, and SQL."""

import pytest

from tests.dashboard.access.serving import Browser, Site, without_token
from warehouse.manifest import read_manifest

FOREIGN = ("fan", "dg1", "东莞", "广东", "4419", "440000")


@pytest.fixture(scope="module")
def beijing(shared: Site) -> Browser:
    return shared.signed_in("bj")


@pytest.fixture(scope="module")
def dongcheng(shared: Site) -> Browser:
    """A county of Beijing: its file is cut out of the province's."""
    return shared.signed_in("dongcheng")


PAGES = (
    "/regions/{0}", "/regions/{0}/teachers", "/regions/{0}/schools",
    "/regions/{0}/teachers.csv", "/regions/{0}/schools.xlsx", "/regions/{0}/funnel.csv",
)


@pytest.mark.parametrize("code", [
    "440000", "441900", "000000", "%34%34%30%30%30%30", "110000%2F..%2F440000",
    "..%2F440000", "110000/../440000", "110000%00", "11", "1", "%25", "110000 ",
    "%EF%BC%91%EF%BC%91%EF%BC%90%EF%BC%90%EF%BC%90%EF%BC%90",
    "110000;440000", "110000'--", "national", "999999", "-1",
])
def test_no_address_leads_to_another_region(beijing: Browser, code: str) -> None:
    for page in PAGES:
        # httpx would tidy up the path: give it as it is.
        answer = beijing.get(beijing.base_url.copy_with(
            raw_path=page.format(code).encode()))
        assert answer.status_code in (303, 404), (page, answer.status_code)
        for foreign in FOREIGN:
            assert foreign not in without_token(answer).replace(code, ""), (page, foreign)


@pytest.mark.parametrize("path", [
    "/schools/dg1", "/schools/dg1/teachers", "/schools/dg1/teachers.csv", "/teachers/fan",
    "/teachers/fan/courses.csv", "/teachers/gus", "/teachers/zoe",
    "/teachers/fan'%20OR%20'1'='1", "/schools/%25", "/teachers/..%2Ffan",
])
def test_no_school_and_no_teacher_of_another_region(beijing: Browser, path: str) -> None:
    answer = beijing.get(path)
    assert answer.status_code == 404
    nobody = beijing.get("/teachers/nobody-at-all")
    assert without_token(nobody) == without_token(answer)  # there is nothing to learn


def test_no_published_file_has_an_address(beijing: Browser, shared: Site) -> None:
    folder = shared.settings.published_dir
    names = [file.name for file in read_manifest(folder).files] + ["manifest.json"]
    for name in names:
        for place in ("", "published/", "static/", "static/..%2f..%2fpublished%2f", "var/",
                      "static/%2e%2e/published/", "files/", "download/"):
            answer = beijing.get(beijing.base_url.copy_with(raw_path=f"/{place}{name}".encode()))
            assert answer.status_code == 404, (place, name)
            assert not answer.content.startswith(b"{")


def test_parameters_choose_nothing_beyond_the_region(beijing: Browser) -> None:
    own = without_token(beijing.get("/regions/110000/teachers"))
    assert "ann" in own
    for extra in ({"region": "440000"}, {"account": "gd"}, {"q": "fan"}, {"q": "%"},
                  {"programme": "x' OR 1=1"}, {"sort": "region; DROP TABLE teachers"},
                  {"list": "' UNION SELECT 1"}):
        text = without_token(beijing.get("/regions/110000/teachers", params=extra))
        assert "fan</" not in text
        assert "东莞" not in text


@pytest.mark.parametrize("header", ["X-Account", "X-Region", "X-Forwarded-User", "X-User",
                                    "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"])
def test_no_header_makes_another_account(shared: Site, beijing: Browser, header: str) -> None:
    assert beijing.get("/regions/440000", headers={header: "gd"}).status_code == 404
    assert shared.browser().get("/regions/440000", headers={header: "gd"}).status_code == 303


def test_a_county_sees_itself_only(dongcheng: Browser) -> None:
    assert dongcheng.get("/regions/110101").status_code == 200
    assert "ann" in dongcheng.get("/regions/110101/teachers").text
    for path in ("/regions/110000", "/regions/110100", "/regions/110102", "/schools/bj3",
                 "/teachers/eva", "/regions/110102/teachers.csv"):
        assert dongcheng.get(path).status_code == 404, path


def test_the_country_sees_counts_and_nobody(shared: Site) -> None:
    country = shared.signed_in("country")
    assert country.get("/regions/000000").status_code == 200
    assert country.get("/regions/110101").status_code == 200
    for path in ("/schools/bj1", "/teachers/ann", "/regions/110101/teachers",
                 "/regions/110101/teachers.csv"):
        assert country.get(path).status_code == 404, path


def ask(browser: Browser, sql: str) -> str:
    answer = browser.fill_in("/query", "/query", sql=sql)
    assert answer.status_code in (200, 422), answer.status_code
    return without_token(answer)


@pytest.mark.parametrize("sql", [
    "SELECT string_agg(teacher_id, ' ') FROM teachers",
    "SELECT * FROM schools", "SELECT * FROM regions", "SELECT * FROM progress",
    "SELECT * FROM daily", "SELECT * FROM totals", "SELECT * FROM course_progress",
    "SELECT * FROM province.teachers", "SELECT * FROM memory.main.teachers",
    "SELECT * FROM duckdb_tables()", "SELECT * FROM glob('/**')",
    "SELECT * FROM '440000-20230721T120000-000001.duckdb'.teachers",
    "SELECT * FROM sqlite_master",
])
def test_sql_finds_nothing_of_another_region(
    beijing: Browser, dongcheng: Browser, sql: str
) -> None:
    for browser, others in ((beijing, FOREIGN), (dongcheng, (*FOREIGN, "eva", "西城", "bj3"))):
        text = ask(browser, sql).replace("440000-20230721T120000-000001", "")
        for foreign in others:
            assert foreign not in text, foreign


def test_sql_answers_with_what_is_its_own(
    shared: Site, beijing: Browser, dongcheng: Browser
) -> None:
    everybody = "SELECT string_agg(teacher_id, '+' ORDER BY teacher_id) FROM teachers"
    assert "ann+bob+cui+dan+eva" in ask(beijing, everybody)
    assert "ann+bob+cui+dan<" in ask(dongcheng, everybody)
    country = shared.signed_in("country")
    assert "Table with name teachers does not exist" in ask(country, everybody)
    assert ">7<" in ask(country, "SELECT sum(on_roster) FROM totals")


def test_who_may_not_query_finds_no_such_page(shared: Site) -> None:
    browser = shared.signed_in("plain")
    assert browser.get("/query").status_code == 404
    token = browser.token("/password")
    for path in ("/query", "/query.csv"):
        form = {"csrf": token, "sql": "SELECT 1"}
        assert browser.post(path, data=form).status_code == 404
