"""未报名, 未结业, 结业未认证: who is on each list, counted as the funnel counts."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.dashboard.page import Page
from tests.dashboard.serving import browsing
from warehouse.dashboard.name_lists import NAME_LISTS

# cui is not registered, eva only enrolled, dan learns, bob is completed, ann also verified.
BEIJING = {
    "": ["ann", "bob", "cui", "dan", "eva"], "not_enrolled": ["cui"], "not_started": ["eva"],
    "learning": ["dan"], "not_completed": ["cui", "dan", "eva"], "unverified": ["bob"],
    "certificate": ["ann"],
}


@pytest.fixture(scope="module")
def big(large_dir: Path) -> Iterator[httpx.Client]:
    with browsing(large_dir, "110100") as client:
        yield client


def listed(client: httpx.Client, path: str) -> list[str]:
    return Page(client.get(path).text).tables["teachers"].column("teacher")


@pytest.mark.parametrize("list_", BEIJING)
def test_rule_27_who_is_on_which_list(beijing: httpx.Client, list_: str) -> None:
    assert listed(beijing, f"/regions/110000/teachers?list={list_}") == BEIJING[list_]


def test_rule_21_learning_before_enrolment_is_not_enrolled(country_dir: Path) -> None:
    with browsing(country_dir, "440000") as client:
        assert listed(client, "/regions/441900/teachers?list=not_enrolled") == ["fan"]
        page = Page(client.get("/teachers/fan").text)
    assert "○ 未报名" in page.text
    assert page.tables["courses"].column("learned") == ["0.0", "0.37", "0.0"]


def test_a_list_of_a_school_has_only_its_teachers(beijing: httpx.Client) -> None:
    assert listed(beijing, "/schools/bj1/teachers?list=not_completed") == ["cui"]
    assert listed(beijing, "/schools/bj1") == ["ann", "bob", "cui"]


def test_an_unknown_list_is_everybody(beijing: httpx.Client) -> None:
    assert listed(beijing, "/regions/110000/teachers?list=best") == BEIJING[""]


@pytest.mark.parametrize("list_", NAME_LISTS, ids=lambda one: one.id)
def test_the_tabs_count_what_the_lists_have(big: httpx.Client, list_: object) -> None:
    # The tab's number comes from the totals, the list's rows from the teachers.
    id_, name = getattr(list_, "id"), getattr(list_, "name")  # noqa: B009
    page = Page(big.get(f"/regions/110100/teachers?list={id_}&size=100").text)
    lines = big.get(f"/regions/110100/teachers.csv?list={id_}").text.splitlines()
    assert f"{name} {len(lines) - 1}" in page.text
    assert f"共 {len(lines) - 1} 行" in page.text


@pytest.mark.parametrize("list_", NAME_LISTS, ids=lambda one: one.id)
@pytest.mark.parametrize("sort", ["", "teacher", "stage", "completed"])
def test_the_pages_together_are_the_whole_list(
    big: httpx.Client, list_: object, sort: str
) -> None:
    asked = f"list={getattr(list_, 'id')}&sort={sort}&dir=down"  # noqa: B009
    whole = [line.split(",")[0].lstrip("\ufeff") for line in big.get(
        f"/regions/110100/teachers.csv?{asked}").text.splitlines()][1:]
    pages = -(-len(whole) // 20)
    shown = [id_ for page in range(1, pages + 1) for id_ in listed(
        big, f"/regions/110100/teachers?{asked}&size=20&page={page}")]
    assert shown == whole
    assert len(set(whole)) == len(whole)


def test_without_another_order_lists_go_by_region_and_school(big: httpx.Client) -> None:
    page = Page(big.get("/regions/110100/teachers?size=100").text)
    schools = [row["school"].text for row in page.tables["teachers"].rows]
    assert schools == sorted(schools, key=["s0学校", "s2学校", "s1学校"].index)
    ids = page.tables["teachers"].column("teacher")[:schools.count("s0学校")]
    assert ids == sorted(ids)


def test_each_bin_of_the_distribution_leads_to_its_teachers(big: httpx.Client) -> None:
    bins = Page(big.get("/regions/110100").text).tables["distribution"].rows
    assert [row["bin"].value for row in bins] == ["0", "0～1", "1～2", "2～3", "3（达标）"]
    assert sum(int(row["count"].value) for row in bins) == 161
    found: set[str] = set()
    for row in bins:
        path = f"{row['bin'].href}&size=100"
        ids = [*listed(big, path), *listed(big, f"{path}&page=2")]
        assert len(ids) == int(row["count"].value)
        assert not found & set(ids)
        found |= set(ids)
    assert len(found) == 161


def test_search_finds_ids_and_counts_them(big: httpx.Client) -> None:
    page = Page(big.get("/regions/110100/teachers?q=T01").text)
    ids = page.tables["teachers"].column("teacher")
    assert ids
    assert all("t01" in id_ for id_ in ids)
    assert f"共 {len(ids)} 行" in page.text
    nobody = Page(big.get("/regions/110100/teachers?q=%25").text)
    assert "没有符合条件的记录" in nobody.text
    assert nobody.tables["teachers"].rows == []


@pytest.mark.parametrize("region", ["110000", "110100", "110101"])
def test_names_are_shown_and_searched_only_by_whom_may_see_them(
    country_dir: Path, region: str
) -> None:
    paths = (f"/regions/{region}/teachers", "/schools/bj1", "/teachers/ann",
             f"/regions/{region}/teachers.csv")
    with browsing(country_dir, region, sees_names=True) as client:
        for path in paths:
            assert "安文" in client.get(path).text, path
        assert listed(client, f"/regions/{region}/teachers?q=安") == ["ann", "dan"]
        assert listed(client, f"/regions/{region}/teachers?sort=name")[:3] == ["dan", "ann", "bob"]
    with browsing(country_dir, region) as client:
        for path in paths:
            assert "安" not in client.get(path).text, path
        assert listed(client, f"/regions/{region}/teachers?q=安") == []
        assert listed(client, f"/regions/{region}/teachers?sort=name&dir=down")[0] == "ann"


def test_a_county_has_no_names_of_another(country_dir: Path) -> None:
    with browsing(country_dir, "110102", sees_names=True) as client:
        assert "安" not in client.get("/regions/110102/teachers").text


def test_without_any_names_there_is_no_column(country_dir: Path) -> None:
    with browsing(country_dir, "440000", sees_names=True) as client:
        page = Page(client.get("/regions/440000/teachers").text)
    assert "name" not in page.tables["teachers"].keys
