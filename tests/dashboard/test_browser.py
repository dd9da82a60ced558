"""The pages in real Chromium, at a phone's and at a wide screen's width."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.chromium import WIDTHS, violations, window
from tests.dashboard.serving import dashboard

PAGES = ["/regions/110000", "/regions/110101", "/schools/bj1", "/teachers/dan",
         "/regions/110000/teachers?list=not_completed", "/regions/110000/schools",
         "/regions/440000"]


@pytest.fixture(scope="module")
def address(country_dir: Path) -> Iterator[str]:
    with dashboard(country_dir) as address:
        yield address


@contextmanager
def opened(browser: Browser, path: str, size: tuple[int, int], **more: Any) -> Iterator[Page]:
    """The page, as the account of a province sees it."""
    with window(browser, size, extra_http_headers={"X-Account": "110000"}, **more) as page:
        page.goto(path)
        yield page


@pytest.mark.parametrize("size", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_width_and_is_usable_by_everybody(
    browser: Browser, address: str, path: str, size: tuple[int, int]
) -> None:
    for scheme in ("light", "dark"):
        with opened(browser, address + path, size, color_scheme=scheme) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert violations(page) == []


DRAWN = """() => Array.from(document.querySelectorAll("[data-picture]"), (place) => {
    const chart = echarts.getInstanceByDom(place);
    return [place.dataset.picture, chart.getOption().series.map((series) =>
        series.data.map((one) => one && one.value !== undefined ? one.value : one))];
})"""
COLUMN = """([table, key]) => {
    const all = Array.from(document.querySelector("#t-" + table).tHead.rows[0].cells);
    const at = all.findIndex((cell) => cell.dataset.key === key);
    return Array.from(document.querySelector("#t-" + table).tBodies[0].rows,
                      (row) => Number(row.cells[at].dataset.value));
}"""


def test_pictures_show_what_their_tables_say(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}/regions/110000", WIDTHS["wide"]) as page:
        drawn = dict(page.evaluate(DRAWN))
        columns = {
            "funnel": [("funnel", "count")], "distribution": [("distribution", "count")],
            "daily": [("days", key) for key in ("enrolled", "started", "completed")],
            "sums": [("days", f"{key}_sum") for key in ("enrolled", "started", "completed")],
            "hours": [("days", "credited"), ("days", "credited_sum")],
        }
        assert set(drawn) == {*columns, "courses"}
        for picture, keys in columns.items():
            assert drawn[picture] == [page.evaluate(COLUMN, list(key)) for key in keys], picture
        assert drawn["courses"] == [[49.9, 40]]
        assert page.locator("[data-picture] canvas").count() == 6


def test_without_scripts_everything_but_the_pictures_is_there(
    browser: Browser, address: str
) -> None:
    with opened(browser, f"{address}/regions/110101", WIDTHS["wide"],
                java_script_enabled=False) as page:
        assert page.locator(".picture:visible").count() == 0
        page.get_by_role("link", name="在册", exact=True).click()
        assert page.locator("th[aria-sort=ascending]").inner_text().startswith("在册")
        assert page.locator("#t-places tbody tr th").first.inner_text() == "=1+1"
        page.get_by_label("按名称或代码查找").fill("东城一小")
        page.get_by_role("button", name="查找").click()
        assert page.locator("#t-places tbody tr").count() == 1


def test_a_programme_is_chosen_and_a_list_opened(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}/regions/110000", WIDTHS["phone"]) as page:
        page.get_by_label("专题").select_option("summer")
        page.get_by_role("button", name="切换").click()
        assert page.url.endswith("/regions/110000?programme=summer")
        page.get_by_role("link", name="结业未认证名单").click()
        assert page.locator("#t-teachers tbody tr th").all_inner_texts() == ["bob"]
        page.get_by_role("link", name="bob").click()
        assert page.locator("h1").inner_text() == "教师 bob"


def test_the_keyboard_alone_is_enough(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}/regions/110000", WIDTHS["wide"]) as page:
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "跳到正文"
        assert skip.evaluate("one => one.getBoundingClientRect().width") > 40
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        seen = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            focus = page.locator(":focus")
            if focus.count():
                seen.add(focus.evaluate("one => one.tagName + ' ' + one.className"))
                assert focus.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
    assert {"SELECT ", "BUTTON ", "A ", "INPUT ", "DIV scroll"} <= seen


def test_a_page_prints_all_it_says_and_nothing_to_click(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}/regions/110101", WIDTHS["wide"]) as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("form:visible, .downloads:visible, .top:visible").count() == 0
        assert page.locator("h1:visible, .as-of:visible, .end:visible").count() == 3
        hidden = "one => one.scrollWidth - one.clientWidth + one.scrollHeight - one.clientHeight"
        assert [page.locator(".scroll").nth(at).evaluate(hidden)
                for at in range(page.locator(".scroll").count())] == [0] * 5
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_an_error_is_a_page_of_its_own(browser: Browser, address: str) -> None:
    with opened(browser, f"{address}/regions/440000", WIDTHS["phone"]) as page:
        assert page.locator("h1").inner_text() == "没有这个页面"
        page.get_by_role("link", name="返回首页").click()
        assert page.locator("h1").inner_text().startswith("北京市")
