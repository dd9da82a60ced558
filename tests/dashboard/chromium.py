"""Real Chromium before the dashboard: at a phone's and at a wide screen's width."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.settings import ROOT
from tests.chromium import ARGS, chromium_path

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"phone": (360, 740), "wide": (1920, 1080)}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, size: tuple[int, int], **more: Any) -> Iterator[Page]:
    """A window with cookies of its own. Every complaint of the browser is an error, except that
    an answer was a refusal. `more`: for the context.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **more)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type in (
        "error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)
    yield page
    context.close()
    assert [one for one in complaints if "the server responded with a status of 4" not in one] == []


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA: landmarks, names, contrast, tables."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
    found = page.evaluate(f"axe.run({{runOnly: {tags}}})")
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"]
            for node in one["nodes"]]
