"""The page of a certificate in a real Chromium: one sheet of A4, and nothing is cut off."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from playwright.sync_api import Browser

from tests.dashboard.chromium import chromium
from warehouse.certificate.issuing import Certificate
from warehouse.certificate.page import page
from warehouse.certificate.words import chinese_hours

USUAL = Certificate(
    number="EFWH-9T9V-83WX-2MFE", teacher_id="t000123", name="示例教师",
    programme_name="2023年暑假教师研修",
    hours=Fraction(10), day=date(2023, 8, 21),
    publication_id="20230822T120000-000001", as_of=1_692_676_800_000)
LONGEST = replace(USUAL, teacher_id="W" * 64, name="姓" * 100,
                  programme_name="某省某市中小学教师研修" * 5,
                  hours=Fraction(31, 3))
NOT_CUT = """[...document.querySelectorAll('.sheet, .inner, p')].every(
    one => one.scrollHeight <= one.clientHeight + 1 && one.scrollWidth <= one.clientWidth + 1)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("of", [USUAL, LONGEST])
def test_it_prints_on_one_sheet_of_a4_landscape(browser: Browser, of: Certificate) -> None:
    shown = browser.new_page(viewport={"width": 1123, "height": 794})
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.set_content(page(of).decode())
    shown.emulate_media(media="print")
    assert shown.evaluate(NOT_CUT)
    pdf = shown.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    [box] = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [round(float(side) / 72 * 25.4) for side in box] == [297, 210]
    assert not asked
    shown.close()


def test_what_the_roster_says_is_text_and_never_markup() -> None:
    script = "<script>alert(1)</script>"
    text = page(replace(USUAL, programme_name=script, name=script)).decode()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_name_that_is_not_known_is_not_missed() -> None:
    named = "<b>示例教师</b>（教师账号 <span class=\"id\">t000123</span>）参加"
    assert named in page(USUAL).decode()
    assert "教师账号 <b class=\"id\">t000123</b> 参加" in page(replace(USUAL, name=None)).decode()


@pytest.mark.parametrize(("hours", "text"), [
    (Fraction(10), "10学时"), (Fraction(0), "0学时"), (Fraction(15, 2), "7.5学时"),
    (Fraction(1, 4), "0.25学时"), (Fraction(2101, 100), "21.01学时"), (Fraction(1, 3), "1/3学时"),
    (Fraction(31, 3), "10又1/3学时"),
])
def test_rule_6_hours_are_written_exactly(hours: Fraction, text: str) -> None:
    assert chinese_hours(hours) == text
