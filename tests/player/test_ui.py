"""Rules 8, 10, 25, 26 on a page: in real Chromium, with a real collector, Kafka and worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from demo.processes import Process, running
from pipeline.settings import Settings
from tests.conftest import own_settings
from tests.player.conftest import collecting
from tests.player.lesson import PROGRAMME, QUIZ_AT, RIGHT, SECONDS, WRONG, Lesson
from tests.player.site import Site, make_film, serving
from tests.player.watching import until
from tests.worker.test_worker import environment

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lesson") / "film.webm"
    make_film(path, SECONDS)
    return path


@pytest.fixture(scope="session")
def programmes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programmes")
    (folder / "now.toml").write_text(PROGRAMME, encoding="utf-8")
    return folder


@contextmanager
def school(settings: Settings, film: Path, programmes: Path) -> Iterator[Site]:
    """The lesson's website, and a collector that knows it; the collector asks the one worker."""
    with (serving(Site(f"http://127.0.0.1:{settings.collector_port}", film)) as site,
          collecting(settings, site, XUESHI_PROGRAMMES_DIR=str(programmes),
                     XUESHI_WORKER_PORT=str(settings.worker_port)) as collector):
        collector.until_ready()
        yield site


@contextmanager
def working(settings: Settings, programmes: Path) -> Iterator[Process]:
    more = {"XUESHI_PROGRAMMES_DIR": str(programmes), "XUESHI_SESSION_TIMEOUT_SECONDS": "6"}
    with running([f"worker --port {settings.worker_port}"], environment(settings) | more,
                 settings.var_dir / "worker") as (process,):
        yield process


@pytest.fixture(scope="module")
def open_school(
    kafka: str, film: Path, bundle: None, programmes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """With its worker, for all tests of the module; each has a teacher of its own."""
    with (own_settings(kafka, tmp_path_factory.mktemp("school")) as settings,
          working(settings, programmes) as worker, school(settings, film, programmes) as site):
        worker.wait_ready(f"http://127.0.0.1:{settings.worker_port}/v1/teachers/t/progress")
        yield site


@pytest.mark.parametrize("width", [360, 1280])
def test_rules_8_10_26_from_nothing_to_done(
    open_school: Site, context: BrowserContext, width: int
) -> None:
    lesson = Lesson(open_school, context, width)
    lesson.expect_state("○ 未开始")
    lesson.play()
    expect(lesson.dialog).to_be_visible()
    assert lesson.page.evaluate("video.paused")
    assert lesson.position() == pytest.approx(QUIZ_AT, abs=0.05)
    assert lesson.dialog.get_by_text("家长送来<b>购物卡</b>").is_visible(), "text, never markup"
    assert (lesson.violations(), lesson.overflows()) == ([], False)
    lesson.dialog.get_by_role("button", name="提交").click()
    lesson.expect_said("第 1 题还没有作答")
    lesson.hand_in(WRONG)
    lesson.expect_said("✘ 未通过。24 小时内最多提交 2 次，现在还可以提交 1 次。")
    lesson.expect_state("◐ 学习中")
    assert 20 < lesson.widths("settled") < 40, "what was watched before the quiz"
    lesson.hand_in(RIGHT)
    lesson.expect_said("✔ 通过")
    lesson.dialog.get_by_role("button", name="继续观看").click()
    lesson.wait("video.ended")
    lesson.expect_state("✔ 已完成")
    assert lesson.widths("settled") == 100
    expect(lesson.panel.locator("li")).to_have_count(0)
    assert (lesson.violations(), lesson.faults) == ([], [])


def test_rules_8_26_who_goes_on_without_passing_has_to_watch_the_rest_again(
    open_school: Site, context: BrowserContext
) -> None:
    lesson = Lesson(open_school, context)
    lesson.play()
    expect(lesson.dialog).to_be_visible()
    lesson.page.keyboard.press("Escape")
    expect(lesson.panel.locator(".note")).to_contain_text("要在通过之后再看一遍才算")
    lesson.wait("video.ended")
    expect(lesson.dialog).to_be_hidden()
    lesson.expect_state("已看 100%")
    lesson.expect_state("◐ 学习中")
    assert lesson.widths("settled") == pytest.approx(100 * QUIZ_AT / SECONDS, abs=2)
    assert lesson.panel.locator("li").all_inner_texts() == [
        "00:04 处的测验未通过", "00:04 以后的部分，在通过测验之后看才算"]
    lesson.load()
    lesson.panel.get_by_role("button", name="从 00:04 继续").click()
    expect(lesson.dialog).to_be_visible()
    lesson.hand_in(RIGHT)
    lesson.expect_said("✔ 通过")
    lesson.page.keyboard.press("Escape")
    expect(lesson.panel.get_by_role("listitem")).to_contain_text(["00:04–00:12 测验通过后还要看"])
    lesson.wait("video.ended")
    lesson.expect_state("✔ 已完成")


def test_rule_10_who_has_no_attempt_left_is_told_when(
    open_school: Site, context: BrowserContext
) -> None:
    lesson = Lesson(open_school, context)
    button = lesson.panel.get_by_role("button", name="00:04 处的测验未通过")
    button.focus()
    lesson.page.keyboard.press("Enter")
    for said in ("现在还可以提交 1 次", "已经用完"):
        lesson.hand_in(WRONG)
        lesson.expect_said(said)
    expect(lesson.dialog.get_by_role("button", name="重新提交")).to_be_disabled()
    expect(lesson.dialog.get_by_role("status")).to_contain_text("以后可以再试")
    assert lesson.violations() == []
    lesson.page.keyboard.press("Escape")
    expect(button).to_be_focused()  # the focus comes back to where it was
    button.click()
    lesson.expect_said("已经用完")


def test_the_keyboard_is_enough_and_stays_in_the_quiz(
    open_school: Site, context: BrowserContext
) -> None:
    lesson = Lesson(open_school, context)
    press = lesson.page.keyboard.press
    lesson.panel.get_by_role("button", name="00:04 处的测验未通过").click()
    for key in ("ArrowDown", "Tab", "Space", "Tab", "Tab", "Space"):
        press(key)
    press("Tab")
    expect(lesson.dialog.get_by_role("button", name="提交")).to_be_focused()
    press("Enter")
    lesson.expect_said("✔ 通过")
    expect(lesson.dialog.get_by_role("button", name="继续观看")).to_be_focused()
    press("Tab")
    assert lesson.page.evaluate("document.activeElement.id") != "elsewhere"
    expect(lesson.dialog).to_be_visible()


def test_a_worker_that_is_behind_is_asked_again(
    open_school: Site, context: BrowserContext
) -> None:
    """Nothing more is played: it is asked after 0.5, 4, 8 and 16 s, and slowly each minute."""
    lesson = Lesson(open_school, context)
    lesson.expect_state("○ 未开始")
    said = lesson.page.evaluate("shown.progress")
    stale = iter(range(3))

    def behind(route: Route) -> None:
        if next(stale, None) is None:
            route.continue_()
        else:
            route.fulfill(json=said, headers={"Access-Control-Allow-Origin": "*"})

    lesson.page.route("**/v1/progress", behind)
    lesson.play()
    lesson.wait("video.currentTime > 1")
    lesson.page.evaluate("video.pause(); handle.flush()")
    lesson.expect_state("◐ 学习中", seconds=45)
    assert next(stale, None) is None


def test_without_a_worker_it_plays_and_asks_all_the_same(
    settings: Settings, film: Path, bundle: None, programmes: Path, context: BrowserContext
) -> None:
    with school(settings, film, programmes) as site:
        lesson = Lesson(site, context)
        lesson.expect_state("暂时查不到学习进度，播放照常记录。")
        lesson.play()
        expect(lesson.dialog).to_be_visible()
        lesson.hand_in(RIGHT)
        lesson.expect_said("已提交，正在判分")
        lesson.dialog.get_by_role("button", name="先继续看").click()
        lesson.wait(f"video.currentTime > {QUIZ_AT + 1}")
        assert lesson.widths("ahead") > 30, "drawn from what this page has played"
        with working(settings, programmes):
            lesson.expect_state("✔ 已完成", seconds=60)
            expect(lesson.panel.locator(".note")).to_contain_text("✔ 通过")
        assert lesson.faults == []


def test_what_another_tab_did_wins(open_school: Site, context: BrowserContext) -> None:
    """The server knows more than this page: it is drawn as the server says."""
    first = Lesson(open_school, context)
    second = Lesson(open_school, context, of=first)
    second.panel.get_by_role("button", name="00:04 处的测验未通过").click()
    first.panel.get_by_role("button", name="00:04 处的测验未通过").click()
    first.hand_in(RIGHT)
    first.expect_said("✔ 通过")
    second.page.evaluate("shown.refresh()")
    second.expect_said("✔ 通过")
    until(lambda: second.panel.locator("circle.passed").count() == 1, second.page)
