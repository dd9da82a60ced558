"""What teachers do at the website, each in a browser of their own: as they would, by hand."""

import re
import time
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Locator, Page

PATIENCE_MS = 90_000.0


@dataclass(frozen=True)
class Viewer:
    """A teacher before the website `url`."""

    url: str
    teacher: str
    context: BrowserContext

    async def sign_in(self) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(self.url)
        await page.locator(f"button[value='{self.teacher}']").click()
        await page.locator(".who").wait_for()
        return page

    async def open(self, page: Page, resource: str) -> None:
        await page.goto(f"{self.url}/watch/{resource}")
        await ready(page)

    async def hours(self, page: Page) -> str:
        """The text of the teacher's own page, reached by the link."""
        await page.goto(self.url)
        await page.get_by_role("link", name="我的学时").click()
        await page.locator("h1", has_text="我的学时").wait_for()
        return await page.locator("main").inner_text()


async def ready(page: Page) -> None:
    await page.locator("#stage[data-ready]").wait_for()


async def play(page: Page) -> None:
    await page.evaluate("video.play()")


async def until_at(page: Page, seconds: float) -> None:
    """Until the film has been played so far."""
    await page.wait_for_function("at => video.currentTime >= at", arg=seconds)


async def until_ended(page: Page) -> None:
    """And until the collector has all of it."""
    await page.wait_for_function("() => video.ended")
    await page.locator("#stage[data-settled=true]").wait_for()


async def until_done(page: Page) -> None:
    """The page itself says that the video is done."""
    await page.get_by_text("✔ 已完成").wait_for()


def quiz(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def answer(page: Page, choice: str) -> None:
    """The quiz comes by itself and stops the film; it is handed in, and marked."""
    await quiz(page).wait_for()
    assert await page.evaluate("video.paused")
    await quiz(page).get_by_label(re.compile(f"^{choice}\\.")).check()
    await quiz(page).get_by_role("button", name="提交").click()


async def right(page: Page) -> None:
    await answer(page, "B")
    await quiz(page).get_by_role("button", name="继续观看").click()


async def wrong(page: Page) -> None:
    await answer(page, "A")
    await quiz(page).get_by_text("未通过").wait_for()
    await quiz(page).get_by_role("button", name="先继续看").click()


async def honest(viewer: Viewer) -> None:
    """All of it, with the quiz in its middle."""
    page = await viewer.sign_in()
    await viewer.open(page, "asked")
    await play(page)
    await right(page)
    await until_ended(page)
    await until_done(page)


async def to_the_end(viewer: Viewer) -> None:
    """A second, and then the last three."""
    page = await viewer.sign_in()
    await viewer.open(page, "plain")
    await play(page)
    await until_at(page, 1)
    await page.get_by_role("button", name="跳到最后 3 秒").click()
    await until_ended(page)


async def at_16(viewer: Viewer) -> float:
    """Two minutes at 16×; how many seconds that took, from before its play."""
    page = await viewer.sign_in()
    begun = time.monotonic()
    await viewer.open(page, "long")
    await page.get_by_role("button", name="16 倍速").click()
    await play(page)
    await until_ended(page)
    return time.monotonic() - begun


async def two_tabs(viewer: Viewer) -> float:
    """Two films at once; how many seconds that took, from before the plays."""
    pages = [await viewer.sign_in(), await viewer.context.new_page()]
    begun = time.monotonic()
    for page, resource in zip(pages, ("plain", "plain2"), strict=True):
        page.set_default_timeout(PATIENCE_MS)
        await viewer.open(page, resource)
    for page in pages:
        await play(page)
    for page in pages:
        await until_ended(page)
    return time.monotonic() - begun


async def quiz_wrong(viewer: Viewer) -> None:
    """All of it, but the answer is wrong."""
    page = await viewer.sign_in()
    await viewer.open(page, "asked")
    await play(page)
    await wrong(page)
    await until_ended(page)


async def tail_skipped(viewer: Viewer) -> None:
    """All up to the quiz, which is right; then the end."""
    page = await viewer.sign_in()
    await viewer.open(page, "asked")
    await play(page)
    await right(page)
    await page.get_by_role("button", name="跳到最后 3 秒").click()
    await until_ended(page)


async def offline_and_reload(viewer: Viewer) -> None:
    """All of it; without a network for a while, and in two pages one after the other."""
    page = await viewer.sign_in()
    await viewer.open(page, "plain")
    await page.wait_for_function("() => video.readyState === 4")
    await play(page)
    await until_at(page, 3)
    await viewer.context.set_offline(True)
    await until_at(page, 9)
    await viewer.context.set_offline(False)
    await until_at(page, 12)
    await page.reload()
    await ready(page)
    await page.get_by_role("button", name=re.compile("^从 .* 继续$")).click()
    await until_ended(page)
    await until_done(page)
