"""The page's contents from the numbers (rules 3, 5, 13, 21, 25, 26)."""

from dataclasses import replace
from typing import Any

import pytest

from learner.certificates import unreadable
from learner.said import Amounts, Course, Progress
from learner.said import Programme as Said
from learner.view import (
    SURPLUS,
    ProgrammeView,
    bar,
    course_notes,
    headline,
    play_href,
    programme_notes,
    programme_view,
)
from pipeline.rules.programme import Programme
from tests.learner import people
from tests.learner.people import CATALOGUE, NOON, SUMMER

KNOWN: Programme = CATALOGUE.programmes[SUMMER]


def said(teacher: str, **changed: Any) -> Said:
    answer = Progress.model_validate(people.progress(teacher))
    found = next(one for one in answer.programmes if one.programme_id == SUMMER)
    return found.model_copy(update=changed)


def view(teacher: str) -> ProgrammeView:
    return programme_view(said(teacher), CATALOGUE, unreadable(), NOON)


@pytest.mark.parametrize(("learned", "credited", "required", "reached", "text", "share"), [
    (0, 0, 5400, False, "✘ 未达标，还差 2.00 学时", 0),
    (5399, 5399, 5400, False, "✘ 未达标，还差 0.01 学时", 99),
    (5400, 5400, 5400, True, "✔ 已达标", 100),
    (9000, 5400, 5400, True, "✔ 已达标", 100),
    (900, 0, 0, True, "✔ 拓展课程，不要求学时", 100),
])
def test_rule_25_red_and_blue_say_it_in_shape_and_words(
    learned: int, credited: int, required: int, reached: bool, text: str, share: int
) -> None:
    made = bar(Amounts(learned_seconds=learned, credited_seconds=credited,
                       required_seconds=required, reached=reached), 2700)
    assert (made.reached, made.text, made.share) == (reached, text, share)


def test_rule_25_learned_credited_and_required_of_every_course() -> None:
    found = {one.id: (one.bar.learned, one.bar.credited, one.bar.required)
             for one in view("anna").sections}
    assert found["ideals"] == ("0.75", "0.75", "2.00")
    assert found["cases"] == ("1.15", "1.00", "1.00")
    assert found["ethics"] == ("0.46", "0.00", "0.00")


def test_rule_26_every_resource_has_its_mark_title_and_reason() -> None:
    found = {one.id: one for section in view("anna").sections for one in section.resources}
    assert set(found) == {one.id for course in KNOWN.courses for one in course.resources}
    assert all(one.title for one in found.values())
    assert {id_ for id_, one in found.items() if one.mark == "◐"} == {
        "teaching-01", "teaching-02", "teaching-04", "ideals-02"}
    assert all(bool(one.reasons) == (one.mark != "✔") for one in found.values())
    assert found["teaching-01"].reasons == (
        "还有 3 处共 1 分 20 秒没有看：02:10–02:40、15:00–15:30、25:00–25:20。",)
    assert found["ideals-02"].reasons == ("26:00 处的测试题未通过。",)
    assert found["ideals-01"].state == "已完成（2023年7月20日 12:00）"
    assert found["ideals-01"].href is None


def test_rule_3_what_is_left_to_completion() -> None:
    assert headline(said("anna")) == "✘ 未结业：还差 8.25 学时，6 门课程未达标"
    assert headline(said("bert")) == "✔ 已结业（2023年7月20日 12:01）"


def test_rule_13_recognised_only_once_completed() -> None:
    assert [(view(who).completed, view(who).recognised) for who in ("anna", "bert")] == [
        (False, "0.00"), (True, "10.00")]


def test_rule_13_a_hold_is_not_taken_for_a_lack_of_hours() -> None:
    held = said("bert", completed_at=None, recognised_seconds=0)
    assert headline(held) == "✘ 未结业：认定学时已满，尚未确认"
    (note,) = programme_notes(held, KNOWN, NOON)
    assert "暂缓" in note


def test_rule_21_before_enrolment_both_readings() -> None:
    own = said("cleo")
    assert programme_notes(own, KNOWN, NOON) == [
        "您还没有报名：学完的内容记入已学习，报名以后才认定。"]
    strict = replace(KNOWN, credit_before_enrolment=False)
    assert programme_notes(own, strict, NOON) == [
        "您还没有报名：报名以前学完的内容不认定学时，请先报名。"]


@pytest.mark.parametrize(("at", "word"), [
    (KNOWN.window.opens_at - 1, "还没有开始"), (KNOWN.window.opens_at, ""),
    (KNOWN.window.closes_at - 1, ""), (KNOWN.window.closes_at, "已经结束"),
])
def test_rule_1_outside_of_the_window_it_is_said(at: int, word: str) -> None:
    notes = programme_notes(said("anna"), KNOWN, at)
    assert len(notes) == (1 if word else 0)
    assert word in "".join(notes)


def test_rules_5_13_what_the_numbers_of_a_course_hold_besides_its_resources() -> None:
    course = next(one for one in said("anna").courses if one.course_id == "cases")
    assert course_notes(said("anna"), course) == [SURPLUS]
    balanced: Course = course.model_copy(update={"learned_seconds": 2700})
    (note,) = course_notes(said("anna"), balanced)
    assert "结转" in note
    assert "1.15" in note


def test_where_the_platform_plays_on() -> None:
    assert play_href("https://p/{resource_id}?t={seconds}", "a-1", 130_999) == "https://p/a-1?t=130"
    assert play_href(None, "a-1", 0) is None
