"""Frozen days on the pages, and a county's file to take away (rules 22 and 27)."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from pipeline.settings import Settings
from tests.dashboard.page import Page
from tests.dashboard.publishing import publish
from tests.dashboard.serving import browsing
from tests.warehouse.helpers import DAY, NOON, Log, teacher
from warehouse.days import DAYS

THAT_DAY = "2023-07-20"  # the country of conftest is published then


@pytest.fixture(scope="module")
def moved_dir(country_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day later ann is found to belong to Guangdong; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("moved") / "var"
    shutil.copytree(country_dir, folder)
    ann = Log(start=100).roster(teacher("ann", "dg1", at=2000))
    return publish(Settings(var_dir=folder), ann, NOON + 3 * DAY).var_dir


@pytest.fixture
def moved(moved_dir: Path, tmp_path: Path) -> Settings:
    """The same, for tests that change or break it."""
    shutil.copytree(moved_dir, tmp_path, dirs_exist_ok=True)
    return Settings(var_dir=tmp_path)


@pytest.fixture
def beijing_twice(moved: Settings) -> Iterator[httpx.Client]:
    with browsing(moved.var_dir, "110000", sees_names=True) as client:
        yield client


def on_roster(client: httpx.Client, path: str) -> str:
    return Page(client.get(path).text).tables["funnel"].rows[0]["count"].value


def test_rule_27_the_funnel_of_a_day_that_is_over(beijing_twice: httpx.Client) -> None:
    assert on_roster(beijing_twice, "/regions/110000") == "4"
    assert on_roster(beijing_twice, f"/regions/110000?day={THAT_DAY}") == "5"
    page = beijing_twice.get(f"/regions/110000?day={THAT_DAY}").text
    assert f"正在查看 {THAT_DAY} 的每日快照" in page
    assert "数据截至 2023-07-20 12:00:00" in page
    assert "每日快照" not in beijing_twice.get("/regions/110000").text


def test_the_day_stays_on_the_way(beijing_twice: httpx.Client) -> None:
    """Every link of the page, and of those it leads to, asks for the same day."""
    for path in ("/regions/110000", "/regions/110101", "/schools/bj1", "/teachers/ann",
                 "/regions/110000/teachers", "/regions/110000/schools"):
        links = Page(beijing_twice.get(f"{path}?day={THAT_DAY}").text).links
        own = [link for link in links if link.startswith(("/regions", "/schools", "/teachers"))
               and link != path]  # that one leads back to the last publication
        assert own, path
        assert [link for link in own if f"day={THAT_DAY}" not in link] == [], path


def test_a_day_has_no_names(beijing_twice: httpx.Client) -> None:
    path = "/regions/110000/teachers"
    assert "包力" in beijing_twice.get(path).text
    assert "包力" not in beijing_twice.get(f"{path}?day={THAT_DAY}").text


def test_downloads_of_a_day_are_of_that_day(beijing_twice: httpx.Client) -> None:
    told = beijing_twice.get(f"/regions/110000/funnel.csv?day={THAT_DAY}").text.splitlines()
    assert told[1].startswith("在册,5,")
    assert told[1].endswith("2023-07-20 12:00:00")


@pytest.mark.parametrize("day", ["2023-07-19", "2023-07-24", "..", ".2023-07-20.tmp", "x"])
def test_there_is_no_other_day(beijing_twice: httpx.Client, day: str) -> None:
    answer = beijing_twice.get(f"/regions/110000?day={day}")
    assert answer.status_code == 404
    assert "没有保存这一天的数据" in answer.text


def test_a_day_is_no_way_out_of_ones_region(beijing_twice: httpx.Client) -> None:
    for path in ("/regions/440000", "/regions/000000", "/schools/dg1", "/teachers/fan"):
        assert beijing_twice.get(f"{path}?day={THAT_DAY}").status_code == 404, path


def test_a_damaged_day_is_not_shown(moved: Settings) -> None:
    [path] = (moved.published_dir / DAYS / THAT_DAY).glob("110000-*.duckdb")
    path.unlink()
    path.write_bytes(b"damaged")
    with browsing(moved.var_dir, "110000") as client:
        assert client.get(f"/regions/110000?day={THAT_DAY}").status_code == 503
        assert client.get("/regions/110000").status_code == 200


def test_a_county_takes_its_file_away(own: Settings) -> None:
    with browsing(own.var_dir, "110101") as client:
        page = client.get("/regions/110101").text
        assert 'href="/regions/110101/county.parquet?programme=summer"' in page
        answer = client.get("/regions/110101/county.parquet")
        assert answer.headers["content-type"] == "application/vnd.apache.parquet"
        (own.var_dir / "mine.parquet").write_bytes(io.BytesIO(answer.content).read())
        assert client.get("/regions/110102/county.parquet").status_code == 404
    found = duckdb.execute("SELECT list(teacher_id ORDER BY 1) FROM read_parquet(?)",
                           [str(own.var_dir / "mine.parquet")]).fetchone()
    assert found == (["ann", "bob", "cui", "dan"],)


def test_a_county_file_that_was_changed_is_not_handed_out(own: Settings) -> None:
    [path] = own.published_dir.glob("110101-*.parquet")
    path.unlink()
    path.write_bytes(b"damaged")
    with browsing(own.var_dir, "110101") as client:
        assert client.get("/regions/110101/county.parquet").status_code == 503
