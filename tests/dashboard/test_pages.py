"""Pages: navigation, order, search, what they say of a teacher, and what they must never do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from pipeline.settings import Settings
from tests.dashboard.page import Page
from tests.dashboard.publishing import alter, publish, publish_country
from tests.dashboard.serving import browsing
from tests.warehouse.helpers import (
    CATALOGUE,
    DAY,
    NOON,
    Log,
    programme,
    region,
    school,
    teacher,
    warehouse,
)


@pytest.fixture(scope="module")
def big(large_dir: Path) -> Iterator[httpx.Client]:
    with browsing(large_dir, "110000") as client:
        yield client


def page(client: httpx.Client, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return Page(answer.text)


def orders(made: Page, key: str) -> list[str]:
    """The links of the page's tables that order by a column."""
    return [link for link in made.links if f"sort={key}" in link and "." not in link]


@pytest.mark.parametrize("account", ["000000", "110000", "110101", "441900"])
def test_every_link_leads_somewhere(country_dir: Path, account: str) -> None:
    with browsing(country_dir, account) as client:
        seen, waiting = set[str](), ["/"]
        while waiting and len(seen) < 400:
            path = waiting.pop()
            seen.add(path)
            answer = client.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
            if answer.headers["content-type"].startswith("text/html"):
                found = {urljoin(path, link) for link in Page(answer.text).links if link[0] != "#"}
                waiting += [one for one in found if _plain(one) not in map(_plain, seen)
                            and _plain(one) not in map(_plain, waiting)]
    assert len(seen) > 20


def _plain(path: str) -> str:
    """Without what only orders, cuts or names the programme: or there would be no end of them."""
    return re.sub(r"(sort|dir|size|programme|list|bin)=[^&]*&?", "", path).rstrip("?&")


def test_drill_down_from_the_province_to_a_teacher(beijing: httpx.Client) -> None:
    here, way = "/", ["110100", "110101", "bj1"]
    for code in way:
        made = Page(beijing.get(here, follow_redirects=True).text)
        row = next(row for row in made.tables["places"].rows if row["code"].value == code)
        here = row["name"].href or ""
    rows = page(beijing, here).tables["teachers"].rows
    last = page(beijing, rows[0]["teacher"].href or "")
    assert "✔ 已获证书" in last.text
    assert [crumb for crumb in ("北京市", "市辖区", "东城区", "东城一小", "ann")
            if crumb not in last.text] == []


def test_rule_25_a_teachers_courses_in_words_and_colours(beijing: httpx.Client) -> None:
    ann = page(beijing, "/teachers/ann").tables["courses"]
    assert [[row[key].text for key in ("course", "learned", "credited", "required", "status")]
            for row in ann.rows] == [
        ["思想铸魂", "2.00", "2.00", "2.00", "✔ 已达标"],
        ["以案促学", "1.11", "1.00", "1.00", "✔ 已达标"],
        ["师德引领", "0.00", "—", "—", "拓展，仅学习"]]
    dan = page(beijing, "/teachers/dan")
    assert dan.tables["courses"].rows[0]["credited"].text == "0.99"  # 2699 s: never rounded up
    assert dan.tables["courses"].rows[0]["status"].text == "✘ 未达标"
    classes = [found["class"] for tag, found in dan.attributes
               if tag == "td" and found.get("data-value") == "✘ 未达标"]
    assert classes == ["short"] * 3


def test_rule_13_recognised_only_once_completed(beijing: httpx.Client) -> None:
    recognised = {row["teacher"].value: row["recognised"].value for row in page(
        beijing, "/regions/110000/teachers").tables["teachers"].rows}
    assert recognised == {"ann": "3.0", "bob": "3.0", "cui": "0.0", "dan": "0.0", "eva": "0.0"}


def test_rule_28_no_order_by_merit_unless_ranking_is_on(own: Settings) -> None:
    with browsing(own.var_dir, "110000") as client:
        plain = page(client, "/regions/110101?sort=credited&dir=down")
        assert plain.tables["places"].column("code") == ["bj1", "bj2"]
        assert not orders(plain, "credited")
        assert "未开启排名" in plain.text
        up = page(client, "/regions/110101?sort=completed")
        assert up.tables["places"].column("code") == ["bj2", "bj1"]
    alter(own.published_dir, "110000", "UPDATE programmes SET ranking = true")
    with browsing(own.var_dir, "110000") as client:
        ranked = page(client, "/regions/110101?sort=credited")
        assert ranked.tables["places"].column("code") == ["bj2", "bj1"]
        assert orders(ranked, "credited")
        assert "未开启排名" not in ranked.text


def test_rule_28_with_ranking_a_share_orders_by_its_rate(own: Settings) -> None:
    # Enrolled: 2 of bj1's 3, 1 of bj2's 1.
    with browsing(own.var_dir, "110000") as client:
        counted = page(client, "/regions/110101?sort=enrolled&dir=down")
    alter(own.published_dir, "110000", "UPDATE programmes SET ranking = true")
    with browsing(own.var_dir, "110000") as client:
        rated = page(client, "/regions/110101?sort=enrolled&dir=down")
    assert counted.tables["places"].column("code") == ["bj1", "bj2"]
    assert rated.tables["places"].column("code") == ["bj2", "bj1"]


def test_places_are_searched_sorted_and_cut(big: httpx.Client) -> None:
    found = page(big, "/regions/110101?q=S2").tables["places"]
    assert found.column("code") == ["s2"]
    assert found.footer is not None
    assert found.footer["on_roster"].value == "107"  # of all, not of what was found
    down = page(big, "/regions/110100?sort=name&dir=down")
    assert down.tables["places"].column("code") == ["110102", "110101"]
    sorted_ = [found["aria-sort"] for tag, found in down.attributes
               if tag == "th" and "aria-sort" in found]
    assert sorted_ == ["descending"]


def test_schools_are_searched_sorted_and_cut(big: httpx.Client) -> None:
    assert page(big, "/regions/110000/schools").tables["schools"].column("code") == [
        "s0", "s2", "s1"]
    by_work = page(big, "/regions/110000/schools?sort=not_completed&dir=down")
    counts = [int(count) for count in by_work.tables["schools"].column("not_completed")]
    assert counts == sorted(counts, reverse=True)
    assert page(big, "/regions/110000/schools?q=1学").tables["schools"].column("code") == ["s1"]
    assert page(big, "/regions/110102/schools").tables["schools"].column("code") == ["s1"]


@pytest.mark.parametrize("asked", [
    "page=0", "page=-1", "page=x", "page=99999999999999999999", "size=7", "size=١٠", "dir=up",
    "sort=x", "sort=teacher_id;DROP TABLE teachers", "bin=x", "bin=-1", "q=" + "长" * 500,
    "list=x&list=y", "q=%00", "q='", "q=\\", "other=2", "bin=99",
])
def test_a_senseless_request_is_no_error(big: httpx.Client, asked: str) -> None:
    for path in ("/regions/110101", "/regions/110101/teachers", "/regions/110101/schools",
                 "/schools/s0"):
        assert big.get(f"{path}?{asked}").status_code == 200, path


def test_a_page_behind_the_last_leads_back(big: httpx.Client) -> None:
    beyond = page(big, "/regions/110000/teachers?page=50")
    assert "没有第 50 页" in beyond.text
    assert beyond.tables["teachers"].rows == []


def test_pages_are_linked_and_keep_what_was_asked(big: httpx.Client) -> None:
    first = page(big, "/regions/110000/teachers?list=not_completed&size=20&sort=teacher")
    after = next(link for link in first.links if "page=2" in link)
    assert all(part in after for part in ("list=not_completed", "size=20", "sort=teacher"))
    assert "第 1–20 行" in first.text
    assert "第 21–40 行" in page(big, after).text


def test_rule_20_teachers_at_other_are_a_backlog(tmp_path: Path) -> None:
    log = Log()
    other = school("other", "110101", "其他").model_copy(update={"other": True})
    publish(Settings(var_dir=tmp_path), log.roster(
        region("110101", "东城区"), school("s1", "110101"), other,
        teacher("ann", "other"), teacher("bob", "other"), teacher("cui", "s1")))
    with browsing(tmp_path, "110101") as client:
        made = page(client, "/regions/110101")
        assert "“其他”学校待归校教师 2 人" in made.text
        link = next(link for link in made.links if "other=1" in link)
        assert page(client, link).tables["schools"].column("code") == ["other"]


def test_the_programme_that_opened_last_is_shown_and_others_can_be_chosen(
    tmp_path: Path,
) -> None:
    settings = Settings(var_dir=tmp_path)
    both = {**CATALOGUE.programmes, "autumn": programme("autumn", NOON + 90 * DAY)}
    with warehouse(settings, replace(CATALOGUE, programmes=both)):
        pass
    publish_country(settings)
    with browsing(tmp_path, "110000") as client:
        default = page(client, "/regions/110000")
        summer = page(client, "/regions/110000?programme=summer")
    assert default.tables["funnel"].column("count")[2] == "0"
    assert summer.tables["funnel"].column("count")[2] == "4"
    options = [found["value"] for tag, found in default.attributes if tag == "option"
               and "value" in found]
    assert options == ["autumn", "summer"]
    down = [link for link in summer.links if link.startswith(("/regions/1101", "/schools"))]
    assert down
    assert all("programme=summer" in link for link in down)


def test_days_without_anything_are_zeros(country_dir: Path) -> None:
    with browsing(country_dir, "000000") as client:
        table = page(client, "/regions/000000").tables["days"]
    assert table.column("day") == ["2023-07-20"]
    # All five who enrolled, zoe of no roster too: what a day brought does not change later.
    assert table.column("enrolled_sum") == ["5"]


NASTY = "<script>alert(1)</script>\"'{{7*7}}"


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("nasty")
    publish(Settings(var_dir=folder), Log().roster(
        region("110101", NASTY), school("a:b@c.-_", "110101", NASTY),
        teacher("t:1@x.y-_", "a:b@c.-_")))
    with browsing(folder, "110101") as client:
        yield client


@pytest.mark.parametrize("path", [
    "/regions/110101", "/schools/a%3Ab%40c.-_", "/teachers/t%3A1%40x.y-_",
    "/regions/110101/schools?q=<script>alert(1)", "/regions/110101/teachers?q=\"><b>",
    "/regions/110101?programme=<script>", "/<script>",
])
def test_nothing_that_comes_from_outside_becomes_markup(nasty: httpx.Client, path: str) -> None:
    html = nasty.get(path).text
    assert "<script>" not in html
    assert "<b>" not in html
    assert "49" not in Page(html).text.replace("440000", "")
    tags = [tag for tag, _ in Page(html).attributes]
    assert tags.count("script") == len(re.findall(r'<script src="/static/', html))


def test_odd_ids_have_working_links(nasty: httpx.Client) -> None:
    rows = page(nasty, "/regions/110101").tables["places"].rows
    inside = page(nasty, rows[0]["name"].href or "").tables["teachers"].rows
    assert "t:1@x.y-_" in page(nasty, inside[0]["teacher"].href or "").text


ANSWERS = {
    "/regions/110000": 200, "/": 303, "/regions/440000": 404, "/teachers/ann": 200,
    "/regions/110000/funnel.csv": 200, "/regions/110000/funnel.xlsx": 200,
    "/static/pictures.js": 200, "/healthz": 200, "/nothing": 404,
}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_headers_that_protect_readers(
    beijing: httpx.Client, path: str
) -> None:
    answer = beijing.get(path)
    assert answer.status_code == ANSWERS[path]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    kept = "immutable" if "static" in path else "no-store"
    assert kept in answer.headers["cache-control"]
    assert "server" not in answer.headers


def test_a_fault_of_ours_is_a_page_too(own: Settings) -> None:
    alter(own.published_dir, "110000", "DROP TABLE totals")
    with browsing(own.var_dir, "110000") as client:
        answer = client.get("/regions/110000")
    assert answer.status_code == 500
    assert "系统出现意外错误" in answer.text
    assert "totals" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_pages_have_nothing_inline_and_nothing_from_elsewhere(beijing: httpx.Client) -> None:
    for path in ("/regions/110000", "/regions/110101", "/schools/bj1", "/teachers/ann",
                 "/regions/110000/teachers", "/regions/110000/schools", "/nothing"):
        made = Page(beijing.get(path).text)
        assert "//" not in re.sub(r"\s//.*", "", made.html.replace("<!DOCTYPE", "")), path
        for tag, found in made.attributes:
            assert "style" not in found, path
            assert not [name for name in found if name.startswith("on")], path
            assert tag != "style"
            assert tag != "script" or (found["src"] or "").startswith("/static/")


def test_only_get_is_understood(beijing: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert beijing.request(method, "/regions/110000").status_code == 404


def test_assets_have_names_that_change_with_them(beijing: httpx.Client) -> None:
    html = beijing.get("/regions/110000").text
    names = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    assert {name.partition("?")[0] for name in names} == {
        "/static/icon.svg", "/static/dashboard.css", "/static/echarts.js",
        "/static/pictures.js"}
    assert all(re.search(r"\?v=[0-9a-f]{12}$", name) for name in names)
    assert all(beijing.get(name).status_code == 200 for name in names)
