"""One evening: everybody watches side by side, and afterwards their pages are looked at."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from openpyxl import load_workbook
from playwright.async_api import Browser, BrowserContext, async_playwright

from demo.draining import wait_until_published
from learner.said import Progress
from pipeline.said import ResourceDetail
from pipeline.settings import Settings
from tests import chromium
from tests.site import viewers
from tests.site.viewers import PATIENCE_MS, Viewer

Scenario = Callable[[Viewer], Awaitable[Any]]
TEACHERS: dict[Scenario, str] = {
    viewers.honest: "demo-01", viewers.to_the_end: "demo-02", viewers.at_16: "demo-03",
    viewers.two_tabs: "demo-04", viewers.quiz_wrong: "demo-05", viewers.tail_skipped: "demo-06",
    viewers.offline_and_reload: "demo-07",
}
SCHOOL = "demo-s1"  # of the first three
ARGS = [*chromium.ARGS, "--autoplay-policy=no-user-gesture-required"]
PATIENCE_S = 180.0


@dataclass
class Evening:
    """`settings`: of the run, keys and data folder included. `outcomes`: what each scenario gave,
    or the error it ended with; `hours`: the text of each teacher's own page.
    """

    settings: Settings
    password: str
    outcomes: dict[Scenario, Any] = field(default_factory=dict)
    hours: dict[str, str] = field(default_factory=dict)
    dashboard: str = ""
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def of(self, scenario: Scenario) -> Any:
        """What the scenario gave. Raises what it raised."""
        outcome = self.outcomes[scenario]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def page(self, scenario: Scenario) -> str:
        self.of(scenario)
        return self.hours[TEACHERS[scenario]]

    def progress(self, scenario: Scenario) -> Progress:
        return Progress.model_validate_json(self._asked(f"{TEACHERS[scenario]}/progress"))

    def detail(self, scenario: Scenario, resource: str) -> ResourceDetail:
        return ResourceDetail.model_validate_json(
            self._asked(f"{TEACHERS[scenario]}/resources/{resource}"))

    def _asked(self, path: str) -> bytes:
        key = self.settings.secret("platform_key")
        answer = httpx.get(f"{self.settings.progress_url}/v1/teachers/{path}", timeout=30,
                           headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200, answer.text
        return answer.content


def spend(evening: Evening) -> None:
    """Everybody watches; then, once all is published, everything is looked at."""
    asyncio.run(_watch(evening))
    wait_until_published(evening.settings, str(evening.settings.kafka_bootstrap_servers),
                         lambda *_: None, PATIENCE_S)
    asyncio.run(_look(evening))


def look_again(evening: Evening) -> str:
    """The text of the honest teacher's own page now."""
    async def look() -> str:
        async with _chromium() as browser:
            return await _hours(browser, evening, TEACHERS[viewers.honest])

    return asyncio.run(look())


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.chromium_path(), args=ARGS)
        yield browser
        await browser.close()


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


async def _watch(evening: Evening) -> None:
    async with _chromium() as browser:
        outcomes = await asyncio.gather(
            *[_scenario(browser, evening, *one) for one in TEACHERS.items()],
            return_exceptions=True)
    evening.outcomes = dict(zip(TEACHERS, outcomes, strict=True))


async def _scenario(browser: Browser, evening: Evening, play: Scenario, teacher: str) -> Any:
    context = await browser.new_context(locale="zh-CN")
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.extend(_of_policy(said.text)))
    outcome = await play(Viewer(_url(evening.settings.site_port), teacher, context))
    await context.close()
    assert complaints == []
    return outcome


def _of_policy(text: str) -> list[str]:
    """Offline, browsers complain of other things, and rightly so."""
    return [text] if "Content Security Policy" in text else []


async def _look(evening: Evening) -> None:
    async with _chromium() as browser:
        await _look_as_bureau(evening, await browser.new_context(locale="zh-CN"))
        texts = await asyncio.gather(
            *[_hours(browser, evening, teacher) for teacher in TEACHERS.values()])
        evening.hours = dict(zip(TEACHERS.values(), texts, strict=True))


async def _hours(browser: Browser, evening: Evening, teacher: str) -> str:
    viewer = Viewer(_url(evening.settings.site_port), teacher, await browser.new_context())
    text = await viewer.hours(await viewer.sign_in())
    await viewer.context.close()
    return text


async def _look_as_bureau(evening: Evening, context: BrowserContext) -> None:
    """Signs in with the password that was shown, and takes the roster of the school home."""
    url = _url(evening.settings.dashboard_port)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(url)
    await page.get_by_label("账号").fill("demo")
    await page.get_by_label("密码").fill(evening.password)
    await page.get_by_role("button", name="登录").click()
    await page.locator("h1", has_text="重庆市").wait_for()
    await page.goto(f"{url}/teachers/{TEACHERS[viewers.honest]}")
    evening.dashboard = await page.locator("#t-courses").inner_text()
    for form, read in {"csv": _csv, "xlsx": _xlsx}.items():
        answer = await context.request.get(f"{url}/schools/{SCHOOL}/teachers.{form}")
        assert answer.ok, answer.status
        evening.files[form] = read(await answer.body())


def _csv(body: bytes) -> list[dict[str, Any]]:
    lines = [line.split(",") for line in body.decode("utf-8-sig").splitlines() if line]
    return _rows(lines)


def _xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(body)).worksheets[0]
    return _rows([list(line) for line in sheet.iter_rows(values_only=True)])


def _rows(lines: list[list[Any]]) -> list[dict[str, Any]]:
    """The rows below the line of headings."""
    at = next(number for number, line in enumerate(lines) if "教师账号" in line)
    return [dict(zip(lines[at], line, strict=False)) for line in lines[at + 1:]]


def keys(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = json.loads((settings.var_dir / "keys.json").read_text("utf-8"))
    return found
