"""A day of an official: real Chromium, the real command, an account with a password.

SHOTS=folder keeps a picture of every kind of page at both widths.
"""

import csv
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Download, Locator, Page, Response, StorageState

from pipeline.broker import ports
from pipeline.settings import Settings
from tests.dashboard.chromium import WIDTHS, violations, window
from tests.dashboard.official import FAMILY, OF_BJ1, PASSWORD, name, publish_official
from tests.watched import watched

COMMAND = [sys.executable, "-c", "from warehouse.dashboard.cli import dashboard; dashboard()"]
WIDE, PHONE = WIDTHS["wide"], WIDTHS["phone"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of `xueshi dashboard` as its own process, with a real accounts file."""
    folder, (port, _) = tmp_path_factory.mktemp("official"), ports.free()
    publish_official(Settings(var_dir=folder))
    with watched([*COMMAND, "--port", str(port)], 300, stdout=-1, stderr=-3,
                 env={**os.environ, "XUESHI_VAR_DIR": str(folder)}) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().removeprefix("dashboard listens at ")


def click(page: Page, target: Locator) -> None:
    """Click what leads to another page, and wait for that."""
    with page.expect_navigation():
        target.click()


def sign_in(page: Page, who: str, password: str = PASSWORD) -> None:
    """Fill in the form that the page shows."""
    page.get_by_label("账号").fill(who)
    page.get_by_label("密码").fill(password)
    click(page, page.get_by_role("button", name="登录"))


class Office:
    """Opens windows in which somebody has signed in, once for all of an account's."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self._sessions: dict[str, StorageState] = {}

    @contextmanager
    def window(
        self, path: str = "/", who: str | None = "beijing", size: tuple[int, int] = WIDE
    ) -> Iterator[Page]:
        """At the path. `who` None: nobody."""
        state = self._session(who) if who else None
        with window(self.browser, size, base_url=self.address, storage_state=state) as page:
            page.goto(path)
            yield page

    def _session(self, who: str) -> StorageState:
        if who not in self._sessions:
            with self.window(who=None) as page:
                sign_in(page, who)
                self._sessions[who] = page.context.storage_state()
        return self._sessions[who]


@pytest.fixture(scope="module")
def office(browser: Browser, address: str) -> Office:
    return Office(browser, address)


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def follow(page: Page, link: str) -> None:
    """Click the link of a table or breadcrumb that says so."""
    click(page, page.locator("main, .crumbs").get_by_role("link", name=link, exact=True).first)


def way(page: Page) -> list[str]:
    """The breadcrumbs."""
    return page.locator(".crumbs li").all_inner_texts()


DOWN = {"市辖区": "市辖区 110100", "东城区": "东城区 110101",
        "东城区第一小学": "东城区第一小学 bj1", "t003": f"{name(3)} t003"}


def test_from_the_sign_in_down_to_a_teacher_and_back_by_clicking(
    office: Office
) -> None:
    with office.window(who=None) as page:
        sign_in(page, "beijing")
        assert (heading(page), way(page)) == ("北京市 110000", ["北京市"])
        for link, expected in DOWN.items():
            follow(page, link)
            assert heading(page) == expected
        assert way(page) == ["北京市", "市辖区", "东城区", "东城区第一小学", name(3)]
        assert page.locator("#t-courses tfoot").inner_text().split()[0] == "合计"
        for link in ("东城区第一小学", "东城区", "北京市"):
            click(page, page.locator(".crumbs").get_by_role("link", name=link, exact=True))
            assert heading(page).startswith(link)


def column(page: Page, key: str) -> list[str]:
    """The values of a column of the list of teachers."""
    keys = page.locator("#t-teachers thead th").evaluate_all("all => all.map(o => o.dataset.key)")
    at = keys.index(key) + 1
    return page.locator(f"#t-teachers tbody tr > :nth-child({at})").all_inner_texts()


def test_a_list_is_searched_sorted_and_paged(office: Office) -> None:
    with office.window() as page:
        click(page, page.get_by_role("link", name="教师名单", exact=True))
        page.get_by_label("按姓名或账号查找").fill("王")
        click(page, page.get_by_role("button", name="查找"))
        assert set(column(page, "name")) == {name(number) for number in range(0, 59, len(FAMILY))}
        click(page, page.get_by_role("link", name="清除"))
        page.get_by_label("每页").select_option("20")
        click(page, page.get_by_role("button", name="查找"))
        assert column(page, "teacher") == [f"t{number:03}" for number in range(20)]
        click(page, page.get_by_role("link", name="下一页"))
        assert column(page, "teacher") == [f"t{number:03}" for number in range(20, 40)]
        assert "第 21–40 行，共 59 行" in page.locator(".pager").inner_text()
        for order in ("ascending", "descending"):
            click(page, page.locator("thead").get_by_role("link", name="教师账号"))
            assert page.locator(f"th[aria-sort={order}]").count() == 1
        assert column(page, "teacher")[:2] == ["t058", "t057"]


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as a hand without a mouse does."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {target}")


def enter(page: Page, target: Locator) -> None:
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_same_by_keyboard_alone(office: Office) -> None:
    with office.window(who=None) as page:
        page.keyboard.type("beijing")  # the field has the focus already
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        for link in ("市辖区", "东城区", "东城区第一小学"):
            enter(page, page.locator("#t-places tbody").get_by_role("link", name=link, exact=True))
        tab_to(page, page.get_by_label("每页"))
        page.keyboard.press("Home")
        assert page.get_by_label("每页").input_value() == "20"
        enter(page, page.get_by_role("button", name="查找"))
        enter(page, page.get_by_role("link", name="下一页"))
        assert column(page, "teacher")[0] == "t020"
        tab_to(page, page.get_by_label("按姓名或账号查找"))
        page.keyboard.type("t003")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        enter(page, page.get_by_role("link", name="t003"))
        assert heading(page) == f"{name(3)} t003"
        enter(page, page.locator(".crumbs").get_by_role("link", name="市辖区"))
        assert heading(page) == "市辖区 110100"
        enter(page, page.get_by_role("button", name="退出"))
        assert heading(page) == "登录"


SHOWN = """() => Array.from(document.querySelector("#t-teachers").rows, (row) => Array.from(
    row.cells, (cell) => cell.dataset.value ?? cell.firstElementChild?.firstChild.textContent
                         ?? cell.textContent))"""


def taken(page: Page, label: str) -> Download:
    """The file that a link of the page leads to."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label, exact=True).click()
    return waiting.value


def as_text(value: object) -> str:
    """A cell of Excel as the page has it."""
    if value is None:
        return ""
    return str(value.date()) if isinstance(value, datetime) else str(value)


def test_what_is_downloaded_is_what_is_shown(office: Office) -> None:
    with office.window("/schools/bj1?sort=name&dir=down") as page:
        shown = page.evaluate(SHOWN)
        assert len(shown) == OF_BJ1 + 1
        files = [taken(page, f"教师名单：全部在册：{form}") for form in ("Excel", "CSV")]
        made, text = (Path(file.path()).read_bytes() for file in files)
    assert [file.suggested_filename.rpartition(".")[2] for file in files] == ["xlsx", "csv"]
    assert files[0].suggested_filename.startswith("东城区第一小学_教师名单_全部在册")
    rows = load_workbook(io.BytesIO(made)).worksheets[0].iter_rows(min_row=3, values_only=True)
    assert [[as_text(value) for value in row] for row in rows] == shown
    lines = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    assert [line[:-2] for line in lines] == shown


def test_what_is_anothers_is_the_page_of_what_is_nothing(office: Office) -> None:
    with office.window() as page:
        nothing = gone(page, "/regions/999999")
        assert nothing[:2] == (404, "没有这个页面")
        for path in ("/regions/440000", "/regions/440103", "/regions/000000", "/schools/gz1",
                     "/teachers/t060", "/schools/gz1/teachers", "/regions/440000/teachers?q=王"):
            assert gone(page, path) == nothing, path
    with office.window(who="dongcheng") as page:
        assert heading(page) == "东城区 110101"
        assert {gone(page, path) for path in ("/regions/110100", "/schools/bj3", "/query")} == {
            nothing}


def gone(page: Page, path: str) -> tuple[int, str, str]:
    """Status, heading and text of an address that is typed in."""
    answer = page.goto(path)
    assert isinstance(answer, Response)
    return answer.status, heading(page), page.locator("main").inner_text()


def test_names_are_for_those_who_may_see_them(office: Office) -> None:
    with office.window(who="dongcheng") as page:
        follow(page, "东城区第一小学")
        assert page.get_by_label("按账号查找").count() == 1
        assert name(3) not in page.content()
        follow(page, "t003")
        assert heading(page) == "教师 t003"
        assert name(3) not in page.content()


def test_an_analyst_asks_in_sql(office: Office) -> None:
    with office.window() as page:
        click(page, page.get_by_role("link", name="数据查询"))
        box = page.get_by_label("查询语句")
        box.fill("SELECT name AS 学校, on_roster AS 在册 FROM totals JOIN schools "
                 "USING (school_id) ORDER BY 在册 DESC")
        click(page, page.get_by_role("button", name="运行"))
        table = page.get_by_role("region", name="结果").locator("tbody tr").first
        assert table.locator("td").all_inner_texts() == ["东城区第一小学", str(OF_BJ1)]
        box.fill("SELECT FROM nothing")
        click(page, page.get_by_role("button", name="运行"))
        assert page.get_by_role("alert").is_visible()
        assert box.input_value().strip() == "SELECT FROM nothing"
    with office.window(who="dongcheng") as page:
        assert page.get_by_role("link", name="数据查询").count() == 0


def test_after_the_sign_out_the_way_back_shows_nothing(office: Office) -> None:
    with office.window(who=None) as page:
        sign_in(page, "beijing")
        follow(page, "市辖区")
        click(page, page.get_by_role("button", name="退出"))
        assert heading(page) == "登录"
        for _ in range(2):
            page.go_back()
            assert heading(page) == "登录"
            assert "北京市" not in page.content()


def test_a_wrong_password_is_told_and_nothing_else(office: Office) -> None:
    with office.window("/regions/110101", None, PHONE) as page:
        sign_in(page, "beijing", "no such password")
        assert page.get_by_role("alert").inner_text() == "账号或密码不正确，或账号已停用。"
        sign_in(page, "beijing")
        assert heading(page) == "东城区 110101"  # where the way led to


@pytest.mark.parametrize("path", ["/schools/bj1", "/regions/110000/teachers", "/teachers/t003"])
def test_paper_has_the_figures_and_nothing_to_click(
    office: Office, path: str
) -> None:
    with office.window(path) as page:
        sheets = page.pdf(prefer_css_page_size=True)
        assert sheets.startswith(b"%PDF")
        assert len(sheets) > 20_000
        page.emulate_media(media="print")
        for hidden in ("nav.account", "form", ".downloads", ".pager", ".tabs", ".skip"):
            assert page.locator(f"{hidden}:visible").count() == 0, hidden
        assert page.locator("table:visible").count() == page.locator("table").count()


PAINTED = """() => new Promise((done) => {
    const seen = () => Array.from(document.querySelectorAll("canvas"), (one) => one.toDataURL());
    dispatchEvent(new Event("beforeprint"));
    const at_once = seen();
    requestAnimationFrame(() => requestAnimationFrame(() => done([at_once, seen()])));
})"""


def test_pictures_are_ready_for_paper_at_once(office: Office) -> None:
    """The browser prints right after it has told so; what is painted a frame later is cut off."""
    with office.window("/schools/bj1") as page:
        page.emulate_media(media="print")
        at_once, later = page.evaluate(PAINTED)
        assert len(at_once) == 6
        assert at_once == later


KINDS = {
    "country": ("country", "/regions/000000"), "province": ("beijing", "/regions/110000"),
    "city": ("beijing", "/regions/110100"), "county": ("beijing", "/regions/110101"),
    "school": ("beijing", "/schools/bj1"), "teacher": ("beijing", "/teachers/t003"),
    "list": ("beijing", "/regions/110000/teachers?size=20&page=2&sort=stage"),
    "empty": ("beijing", "/regions/110000/teachers?q=没有这个人"),
    "schools": ("beijing", "/regions/110000/schools"), "gone": ("beijing", "/regions/440000"),
    "sql": ("beijing", "/query"), "password": ("beijing", "/password"), "sign-in": (None, "/login"),
}
# What can be scrolled sideways although it is no table of its own frame.
ESCAPED = """width => Array.from(document.querySelectorAll("main *")).filter((one) =>
    one.getBoundingClientRect().right > width && !one.closest(".scroll") && !one.closest(".hidden")
    && one.offsetParent && one.className !== "hidden").map((one) => one.outerHTML.slice(0, 120))"""
LEFT_OF_TEXT = """one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getBoundingClientRect().left;
}"""
SCROLLS = """() => Array.from(document.querySelectorAll(".scroll")).filter((one) =>
    one.scrollWidth > one.clientWidth).map((one) => [one.tabIndex, (one.scrollLeft = 40,
    one.scrollLeft)])"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_fits_its_width(
    office: Office, kind: str, width: str
) -> None:
    who, path = KINDS[kind]
    with office.window(path, who, WIDTHS[width]) as page:
        if kind == "sql":
            click(page, page.get_by_role("button", name="运行"))
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width][0]
        assert page.evaluate(ESCAPED, WIDTHS[width][0]) == []
        assert violations(page) == []
        if kind == "empty":
            said = page.get_by_text("没有符合条件的记录").evaluate(LEFT_OF_TEXT)
            assert said < WIDTHS[width][0] / 2
        keep(page, f"{kind}-{WIDTHS[width][0]}")
        scrolled = page.evaluate(SCROLLS)
        assert all(found[0] == 0 and found[1] > 0 for found in scrolled)  # by keys and by finger
        if width == "phone" and kind in ("province", "school", "list", "schools"):
            assert scrolled


def keep(page: Page, picture: str) -> None:
    """The whole page as a picture, if somebody wants to see it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{picture}.png", full_page=True)
