"""A lesson of twelve seconds with a quiz in it, its website, and a teacher who watches it."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import BrowserContext, Locator, Page, expect

from pipeline.settings import ROOT
from tests.dashboard.chromium import AXE
from tests.player.site import Site, open_play
from tests.player.watching import until

HERE = Path(__file__).parent
UI = ROOT / "player" / "dist" / "xueshi-player-ui.min.js"
LESSON, SECONDS, QUIZ_AT = "lesson", 12, 4
# Nothing inline, nothing of elsewhere but the collector.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
          "media-src blob:; connect-src 'self' {}; frame-ancestors 'none'")
PROGRAMME = f"""
id = "now"
name = "现在的研修"
quiz_attempts = 2
[window]
opens_at = 2020-01-01T00:00:00+08:00
closes_at = 2099-01-01T00:00:00+08:00
[clock]
[[courses]]
id = "c"
name = "课"
hours = 0
[[courses.resources]]
id = "{LESSON}"
kind = "video"
title = "视频"
duration_seconds = {SECONDS}
[[courses.resources.quizzes]]
id = "q1"
at_seconds = {QUIZ_AT}
key = {{ "1" = "B", "2" = ["A", "C"] }}
[courses.resources.quizzes.wording.1]
text = "家长送来<b>购物卡</b>，教师应当怎样做？"
choices = {{ A = "悄悄收下", B = "婉言谢绝，退还不了的上交学校" }}
[courses.resources.quizzes.wording.2]
text = "关于关心爱护学生，下列做法正确的有哪些？"
several = true
choices = {{ A = "严慈相济，尊重学生人格", B = "当众公布成绩排名", C = "及时制止欺凌并报告" }}
"""
RIGHT, WRONG = ("B", ("A", "C")), ("A", ("A", "C"))
Chosen = tuple[str, tuple[str, ...]]


class Lesson:
    """The page, at `width` pixels, and what stands on it; of a new teacher, or another page's."""

    def __init__(
        self, site: Site, context: BrowserContext, width: int = 360, of: "Lesson | None" = None
    ) -> None:
        files: dict[str, tuple[str, Callable[[], bytes]]] = {
            "/": ("text/html", (HERE / "ui.html").read_bytes),
            "/ui.js": ("text/javascript", (HERE / "ui.js").read_bytes),
            "/ui.css": ("text/css", (HERE / "ui.css").read_bytes),
            "/xueshi-player-ui.min.js": ("text/javascript", UI.read_bytes),
        }
        site.pages |= files
        site.policy = POLICY.format(site.collector)
        self.teacher: str = of.teacher if of else f"teacher-{uuid4().hex}"
        site.open = lambda: open_play(site.collector, LESSON, self.teacher)
        self.site = site
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_viewport_size({"width": width, "height": 720})
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text)
                     if "Content Security Policy" in said.text else None)
        self.load()

    def load(self) -> None:
        self.page.goto(f"{self.site.address}/?endpoint={self.site.collector}")
        self.wait("window.ready")

    def wait(self, expression: str) -> None:
        """Until it is true. Playwright's own way would need eval in the page, against its policy.
        """
        until(lambda: bool(self.page.evaluate(expression)), self.page, seconds=30)

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="学习进度")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def play(self) -> None:
        self.page.evaluate("video.play()")

    def position(self) -> float:
        at: float = self.page.evaluate("video.currentTime")
        return at

    def expect_state(self, text: str, seconds: float = 20) -> None:
        expect(self.panel.locator(".state")).to_contain_text(text, timeout=seconds * 1000)

    def widths(self, kind: str) -> float:
        """Per cent of the strip."""
        found: float = self.panel.locator(f"rect.{kind}").evaluate_all(
            "all => all.reduce((sum, one) => sum + parseFloat(one.getAttribute('width')), 0)")
        return found

    def hand_in(self, chosen: Chosen) -> None:
        one, several = chosen
        first, second = self.dialog.get_by_role("group").all()
        first.get_by_role("radio", name=f"{one}.").check()
        for box in second.get_by_role("checkbox").all():
            box.set_checked(box.get_attribute("value") in several)
        self.dialog.get_by_role("button", name="提交").click()

    def expect_said(self, text: str) -> None:
        expect(self.dialog.get_by_role("status")).to_contain_text(text)

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.1 A and AA, also inside the shadow root; brought in
        past the page's policy.
        """
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]'
        found = self.page.evaluate(f"axe.run({{runOnly: {tags}}})")
        return [f"{one['id']}: {node['target']}" for one in found["violations"]
                for node in one["nodes"]]

    def overflows(self) -> bool:
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return wide
