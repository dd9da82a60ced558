"""The page in real Chromium, at a phone's and at a wide screen's width."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.chromium import WIDTHS, violations, window
from tests.learner.conftest import Site
from tests.learner.publishing import publish
from tests.learner.serving import ticket


@contextmanager
def entered(
    browser: Browser, site: Site, teacher: str, size: str, **more: Any
) -> Iterator[Page]:
    """The page as it is after the way through the platform's link."""
    with window(browser, WIDTHS[size], **more) as page:
        page.goto(ticket(site.address, teacher))
        assert page.url == f"{site.address}/"
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("teacher", ["anna", "bert", "nobody"])
def test_the_page_fits_its_width_and_is_usable_by_everybody(
    browser: Browser, site: Site, teacher: str, size: str, scheme: str
) -> None:
    publish(site.settings, "anna", "bert", checked=("bert",), done=("bert",))
    with entered(browser, site, teacher, size, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size][0]
        assert violations(page) == []
        if teacher == "anna":
            page.get_by_role("link", name="义务教育课程方案（2022年版）总览").click()
            page.get_by_role("heading", name="学习中").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[size][0]
            assert violations(page) == []


def test_rule_25_red_and_blue_are_seen_and_said(browser: Browser, site: Site) -> None:
    with entered(browser, site, "anna", "phone") as page:
        colour = "one => getComputedStyle(one).color"
        for course, words, rgb in (("ideals", "✘ 未达标", "rgb(179, 38, 30)"),
                                   ("cases", "✔ 已达标", "rgb(11, 92, 173)")):
            status = page.locator(f"#\\32 023-summer-{course} .status span")
            assert status.inner_text().startswith(words)
            assert status.evaluate(colour) == rgb


def test_the_keyboard_alone_is_enough(browser: Browser, site: Site) -> None:
    with entered(browser, site, "anna", "phone") as page:
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "跳到正文"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.get_by_role("button", name="退出").focus()
        outline = page.locator(":focus").evaluate("one => getComputedStyle(one).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="已退出").wait_for()
        page.goto(site.address)
        assert page.locator("h1").inner_text() == "请重新进入"


def test_it_prints_all_it_says_and_nothing_to_click(browser: Browser, site: Site) -> None:
    with entered(browser, site, "anna", "wide") as page:
        page.emulate_media(media="print")
        assert page.locator(".top:visible, .jump:visible, button:visible").count() == 0
        assert page.locator(".course:visible").count() == 12
        assert page.locator(".reasons:visible").count() > 40
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_nothing_comes_from_elsewhere_and_no_script_runs(browser: Browser, site: Site) -> None:
    with window(browser, WIDTHS["phone"]) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(ticket(site.address, "anna"))
        assert len(asked) >= 3
        assert all(url.startswith(site.address) for url in asked)
        assert page.locator("script, [style], [onclick]").count() == 0
        assert "ticket" not in page.evaluate("document.referrer + location.href")
