"""An account opens its own region's figures, and cannot tell what lies outside from nothing."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from tests.dashboard.page import Page
from tests.dashboard.serving import account, browsing, dashboard
from warehouse.dashboard.door import may_see, open_for
from warehouse.dashboard.errors import UnknownError
from warehouse.dashboard.shelf import Days

# Account → what is its own, and what is another's or nobody's.
OWN = {
    "000000": ["/regions/000000", "/regions/110000", "/regions/110101", "/regions/441900"],
    "110000": ["/regions/110000", "/regions/110101/teachers", "/schools/bj3", "/teachers/eva"],
    "110100": ["/regions/110100", "/regions/110102/schools", "/schools/bj3", "/teachers/eva"],
    "110101": ["/regions/110101", "/schools/bj1", "/teachers/ann", "/regions/110101/days.csv"],
    "441900": ["/regions/441900", "/schools/dg1", "/teachers/fan"],
}
OTHERS = {
    "000000": ["/schools/bj1", "/teachers/ann", "/regions/110101/teachers",
               "/regions/110000/schools.csv", "/regions/110000/county.parquet",
               "/regions/110101/county.parquet"],
    "110000": ["/regions/000000", "/regions/440000", "/regions/441900", "/schools/dg1",
               "/teachers/fan", "/teachers/gus", "/regions/440000/teachers.xlsx"],
    "110100": ["/regions/110000", "/regions/110200", "/teachers/fan", "/regions/000000"],
    "110101": ["/regions/110100", "/regions/110102", "/regions/110000", "/schools/bj3",
               "/teachers/eva", "/schools/bj3/teachers.csv", "/regions/110102/funnel.xlsx"],
    "441900": ["/regions/440000", "/regions/110101", "/schools/bj1", "/teachers/ann"],
}
NOWHERE = ["/regions/999999", "/regions/11", "/regions/110199", "/regions/110001",
           "/regions/1101０1", "/schools/none", "/teachers/none", "/regions/..%2f440000",
           "/teachers/' OR 1=1 --",
           "/regions/110101'--", "/nothing", "/regions/110101/secrets.csv", "/static/../app.py",
           "/static/none.js"]


@pytest.fixture(scope="module")
def address(country_dir: Path) -> Iterator[str]:
    with dashboard(country_dir) as address:
        yield address


def client(address: str, region: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"X-Account": region}, timeout=30)


@pytest.mark.parametrize("region", OWN)
def test_what_is_its_own_is_shown(address: str, region: str) -> None:
    with client(address, region) as reader:
        assert {path: reader.get(path).status_code for path in OWN[region]} == dict.fromkeys(
            OWN[region], 200)


@pytest.mark.parametrize("region", OTHERS)
def test_what_is_anothers_looks_like_what_is_not_there(address: str, region: str) -> None:
    with client(address, region) as reader:
        nothing = reader.get("/regions/999999")
        assert nothing.status_code == 404
        for path in OTHERS[region] + NOWHERE:
            answer = reader.get(path)
            assert (answer.status_code, answer.text) == (404, nothing.text), path


@pytest.mark.parametrize("region", ["110101", "110100", "110000", "441900"])
def test_no_page_of_an_account_names_what_is_outside(address: str, region: str) -> None:
    inside: dict[str, tuple[str, ...]] = {
        "110101": ("ann", "bob", "cui", "dan", "bj1", "bj2", "东城")}
    inside["110100"] = inside["110000"] = (*inside["110101"], "eva", "bj3", "西城")
    inside["441900"] = ("fan", "dg1", "东莞")
    everything = {name for names in inside.values() for name in names}
    pages = [path for path in OWN[region] if not path.endswith(".csv")]
    text = ""
    with client(address, region) as reader:
        text = "".join(reader.get(path).text for path in pages)
    for foreign in everything - set(inside[region]):
        assert foreign not in text, foreign


def test_the_country_sees_counts_and_no_teacher_and_no_school(address: str) -> None:
    with client(address, "000000") as reader:
        page = Page(reader.get("/regions/000000").text)
        county = Page(reader.get("/regions/110101").text)
    assert page.tables["places"].column("name") == ["学校未登记", "北京市", "广东省"]
    assert "另有不在名册的学员：已报名 1 人" in page.text
    assert [link for link in page.links if "bin=" in link] == []
    assert "places" not in county.tables
    assert not [link for link in page.links + county.links if "/teachers" in link]


def test_breadcrumbs_begin_at_the_accounts_own_region(address: str) -> None:
    for region, expected in {
        "000000": ["全国", "北京市", "市辖区", "东城区"], "110000": ["北京市", "市辖区", "东城区"],
        "110100": ["市辖区", "东城区"], "110101": ["东城区"],
    }.items():
        with client(address, region) as reader:
            html = reader.get("/regions/110101").text
        crumbs = html.partition('aria-label="当前位置">')[2].partition("</nav>")[0]
        assert [line for line in Page(crumbs).text.split() if line] == expected


SECRETS = [
    "FROM read_csv('/etc/passwd')", "FROM glob('/*')", "ATTACH '/tmp/x.duckdb'",
    "COPY totals TO '/tmp/x.csv'", "SET enable_external_access = true",
    "SET lock_configuration = false", "INSTALL httpfs", "SET memory_limit = '100GB'",
]


@pytest.mark.parametrize("region", ["000000", "110000", "110101"])
@pytest.mark.parametrize("sql", SECRETS)
def test_nothing_else_can_be_reached_through_the_connection(
    country_dir: Path, region: str, sql: str
) -> None:
    reading = open_for(account(region), Days(country_dir / "published"))
    with pytest.raises(duckdb.Error):
        reading.db.execute(sql)


def test_a_countys_connection_has_no_row_of_others(country_dir: Path) -> None:
    reading = open_for(account("110101"), Days(country_dir / "published"))
    tables = [name for (name,) in reading.db.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'edition'").fetchall()]
    assert {"teachers", "progress", "course_progress", "daily", "totals"} <= set(tables)
    text = "\n".join(str(row) for table in tables
                     for row in reading.db.execute(f'FROM edition."{table}"').fetchall())
    assert "'ann'" in text
    for foreign in ("'eva'", "'bj3'", "110102", "西城", "fan"):
        assert foreign not in text
    databases = reading.db.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    assert {name for (name,) in databases} == {"edition", "memory", "system", "temp"}


def test_a_city_s_own_copy_says_what_the_province_s_file_says(country_dir: Path) -> None:
    days = Days(country_dir / "published")
    city, province = (open_for(account(region), days) for region in ("110100", "110000"))
    for table in ("teachers", "progress", "course_progress", "daily", "totals", "course_totals",
                  "schools", "programmes", "courses"):
        rows = [sorted(map(str, reading.db.execute(f"FROM {table}").fetchall()))
                for reading in (city, province)]
        assert rows[0] == rows[1], table  # Beijing has but this one city


def test_rule_20_a_code_that_is_none_is_nobodys() -> None:
    assert may_see(account("000000"), "110101")
    assert not may_see(account("000000"), "000001")
    assert not may_see(account("110000"), "000000")
    assert may_see(account("110100"), "110101")
    assert not may_see(account("110101"), "110100")
    with pytest.raises(UnknownError):
        open_for(account("110000"), Days(Path("nowhere")), region="440000")


def test_a_province_without_a_file_is_told_so(country_dir: Path) -> None:
    with browsing(country_dir, "120000") as reader:
        answer = reader.get("/regions/120000")
    assert answer.status_code == 404
    assert "本地区尚未发布数据" in answer.text


def test_without_an_account_there_is_no_page(address: str) -> None:
    with httpx.Client(base_url=address) as stranger:
        for path in ("/", "/regions/110000", "/schools/bj1", "/teachers/ann",
                     "/regions/110000/funnel.csv"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (
                303, "/login"), path
