"""Why a resource is not done, as a table of cases (rules 4, 8, 9, 10, 12, 26)."""

from dataclasses import replace
from typing import Any

import pytest

from learner.reasons import EXTENSION, SETTLED, notes, reasons
from learner.said import Resource
from pipeline.rules.programme import Listing, Programme
from tests.learner.people import CATALOGUE, SUMMER


def listing(resource_id: str, **changed: Any) -> Listing:
    found = next(one for one in CATALOGUE.listings[resource_id] if one.programme.id == SUMMER)
    programme: Programme = replace(found.programme, **changed)
    return replace(found, programme=programme)


def said(**told: Any) -> Resource:
    return Resource(**{
        "resource_id": "teaching-02", "kind": "video", "title": "…", "credit_seconds": 2324,
        "state": "started", "done_at": None, "watch_time_ms": 2_324_000, "covered_ms": 2_324_000,
        **told})


BEHIND = "；通过之后，还要看它后面的 2 分钟"
WINDOW = "学习时间（2023年7月14日 00:00至2023年9月1日 00:00）"
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "rule 26: done": ({"state": "done", "missing_ms": []}, []),
    "rule 26: nothing watched": (
        {"state": "not_started", "covered_ms": 0, "watch_time_ms": 0, "missing_ms": [0, 2_324_000],
         "quizzes_open": ["q1"]},
        ["还没有看，全长 38 分 44 秒。", f"36:44 处的测试题未通过{BEHIND}。"]),
    "rule 12: watched outside of the window": (
        {"state": "not_started", "covered_ms": 0, "watch_time_ms": 600_000,
         "missing_ms": [0, 2_324_000]},
        [f"已看 10 分钟，但不在{WINDOW}内，只记观看时长，不算进度。"]),
    "rule 9: three gaps": (
        {"covered_ms": 1, "missing_ms": [130_000, 160_000, 900_000, 930_000, 1_500_000, 1_520_000]},
        ["还有 3 处共 1 分 20 秒没有看：02:10–02:40、15:00–15:30、25:00–25:20。"]),
    "rule 9: gaps that are forgiven, and the quiz": (
        {"missing_ms": [1000, 2000, 5000, 6000], "quizzes_open": ["q1"]},
        [f"36:44 处的测试题未通过{BEHIND}。"]),
    "rule 9: a millisecond more than is forgiven": (
        {"missing_ms": [1000, 2000, 5000, 6001]},
        ["还有 2 处共 3 秒没有看：00:01–00:02、00:05–00:07。"]),
    "rule 9: many gaps": (
        {"missing_ms": [at * 10_000 + more for at in range(7) for more in (0, 5000)]},
        ["还有 7 处共 35 秒没有看：00:00–00:05、00:10–00:15、00:20–00:25、00:30–00:35、"
         "00:40–00:45 等。"]),
    "rule 8: the tail after the quiz": (
        {"tail_missing_ms": {"q1": 30_000}},
        ["36:44 处的测试题通过之后的部分要再看 30 秒（通过之前看的不算）。"]),
    "rule 9: a tail that is forgiven": ({"tail_missing_ms": {"q1": 500}}, [SETTLED]),
    "rule 9: a tail that is not": (
        {"tail_missing_ms": {"q1": 501}},
        ["36:44 处的测试题通过之后的部分要再看 1 秒（通过之前看的不算）。"]),
}


@pytest.mark.parametrize("case", CASES)
def test_rules_8_9_10_12_26_what_is_missing_is_said(case: str) -> None:
    told, expected = CASES[case]
    assert reasons(said(**told), listing("teaching-02")) == expected


def test_rule_8_a_quiz_at_the_very_end_leaves_nothing_to_watch_again() -> None:
    one = said(resource_id="teaching-03", quizzes_open=["q1"])
    assert reasons(one, listing("teaching-03")) == ["27:25 处的测试题未通过。"]


def test_rule_8_each_of_several_quizzes_is_named() -> None:
    one = said(resource_id="foundations-01", quizzes_open=["q2"], tail_missing_ms={"q1": 61_000})
    assert reasons(one, listing("foundations-01")) == [
        "27:36 处的测试题未通过。",
        "09:12 处的测试题通过之后的部分要再看 1 分 1 秒（通过之前看的不算）。"]


def test_rule_10_the_programme_says_what_a_quiz_asks_and_how_often() -> None:
    one = said(resource_id="teaching-03", quizzes_open=["q1"])
    known = listing("teaching-03", quiz_rule="completed", quiz_attempts=3)
    assert reasons(one, known) == ["27:25 处的测试题未交卷（24 小时内最多交卷 3 次）。"]


def test_rule_4_a_text_is_read_and_credits_nothing() -> None:
    one = said(kind="text", credit_seconds=0, covered_ms=1000, missing_ms=[1000, 61_000])
    assert reasons(one, None) == ["还有 1 处共 1 分钟没有读：00:01–01:01。"]
    assert notes(one) == [EXTENSION]
    assert notes(said()) == []


def test_rule_7_a_programme_that_this_server_lacks_is_told_by_the_numbers_alone() -> None:
    one = said(quizzes_open=["q1"], tail_missing_ms={"q2": 1})
    assert reasons(one, None) == [
        "测试题未通过。", "测试题通过之后的部分要再看 1 秒（通过之前看的不算）。"]
