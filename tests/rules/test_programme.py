"""The programme files that come with the project, and what a catalogue is made of."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.rules import toml_table
from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Resource
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.programme_tables import (
    MAX_ANSWER,
    MAX_NAME,
    MAX_QUESTIONS,
    MAX_SECONDS,
)
from pipeline.schemas.base import MAX_EPOCH_MS
from pipeline.schemas.telemetry import MAX_POSITION_MS, QuizEvent

SHIPPED = Path(__file__).parents[2] / "programmes"
SHARED = ["ideals", "foundations", "cases", "ethics"]
HOUR = 2700


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


@pytest.fixture(scope="module")
def summer(catalogue: Catalogue) -> Programme:
    return catalogue.programmes["2023-summer"]


@pytest.fixture(scope="module")
def ethics(catalogue: Catalogue) -> Programme:
    return catalogue.programmes["2023-ethics"]


def shanghai(month: int, day: int) -> int:
    moment = datetime(2023, month, day, tzinfo=ZoneInfo("Asia/Shanghai"))
    return round(moment.timestamp() * 1000)


def test_rule_1_windows_are_days_in_shanghai(summer: Programme, ethics: Programme) -> None:
    assert (summer.window.opens_at, summer.window.closes_at) == (shanghai(7, 14), shanghai(9, 1))
    assert (ethics.window.opens_at, ethics.window.closes_at) == (shanghai(6, 1), shanghai(9, 1))
    assert summer.window.late_arrival_ms == 24 * 3600 * 1000


def test_rule_2_eight_courses_of_ten_hours(summer: Programme) -> None:
    assert [(course.name, course.required_seconds) for course in summer.courses] == [
        ("思想铸魂", 2 * HOUR), ("学科教学能力提升", 3 * HOUR), ("固本强基", HOUR),
        ("以案促学", HOUR), ("数字素养提升", HOUR), ("综合育人能力提升", HOUR),
        ("科学素养提升", HOUR), ("师德引领", 0),
    ]
    assert summer.name == "2023年暑假教师研修"
    assert summer.required_seconds == 10 * HOUR


def test_rule_3_every_course_offers_a_choice(catalogue: Catalogue) -> None:
    for programme in catalogue.programmes.values():
        for course in programme.courses:
            assert course.offered_seconds >= 1.5 * course.required_seconds
            assert course.offered_seconds == sum(r.credit_seconds for r in course.resources)


def test_rule_4_texts_credit_nothing(catalogue: Catalogue) -> None:
    texts = [r for r in catalogue.resources.values() if r.kind == "text"]
    assert len(texts) == 7
    assert {(r.credit_seconds, r.quizzes) for r in texts} == {(0, ())}
    assert all(r.duration_ms > 0 for r in texts)


def test_rule_5_four_courses_are_shared(summer: Programme, ethics: Programme) -> None:
    assert ethics.name == "师德集中学习教育"
    assert [c.id for c in ethics.courses] == SHARED
    assert all(c.shared_with is None for c in ethics.courses)
    shared = {c.id: c for c in summer.courses if c.shared_with is not None}
    assert list(shared) == SHARED
    for course in ethics.courses:
        assert shared[course.id].shared_with == "2023-ethics"
        assert shared[course.id].resources == course.resources
        assert shared[course.id].name == course.name


def test_rule_6_an_hour_is_45_minutes_and_a_video_its_duration(catalogue: Catalogue) -> None:
    assert {p.seconds_per_hour for p in catalogue.programmes.values()} == {HOUR}
    videos = [r for r in catalogue.resources.values() if r.kind == "video"]
    assert all(r.credit_seconds * 1000 == r.duration_ms for r in videos)


def test_rules_9_10_16_17_21_28_settings(summer: Programme) -> None:
    assert (summer.gap_tolerance_ms, summer.tail_tolerance_ms) == (2000, 500)
    assert (summer.quiz_rule, summer.pass_mark) == ("passed", 0.6)
    assert summer.quiz_attempts is None
    assert summer.clock == Clock(max_rate=200, offline_grace_ms=7_200_000, slack_ms=10_000)
    assert summer.credit_before_enrolment
    assert summer.enrolled_through == ("2023-ethics",)
    assert not summer.ranking


def test_the_sample_catalogue_is_varied(catalogue: Catalogue) -> None:
    videos = [r for r in catalogue.resources.values() if r.kind == "video"]
    assert len(videos) == 62
    assert min(r.duration_ms for r in videos) == 5 * 60_000
    assert max(r.duration_ms for r in videos) == 50 * 60_000
    left = [r.duration_ms - q.at_ms for r in videos for q in r.quizzes]
    assert {0, 60_000, 240_000} <= set(left)
    assert any(r.quizzes and r.quizzes[0].at_ms == r.duration_ms // 2 for r in videos)
    assert {len(r.quizzes) for r in videos} == {0, 1, 2}
    keys = [answer for r in videos for q in r.quizzes for answer in q.key.values()]
    assert {type(answer) for answer in keys} == {str, tuple}


@pytest.mark.parametrize("name", ["2023-summer.toml", "2023-ethics.toml"])
def test_the_files_say_that_they_hold_samples(name: str) -> None:
    top = (SHIPPED / name).read_text(encoding="utf-8").split("\nid =")[0]
    assert "Sample catalogue" in top


def test_rule_7_several_programmes_make_one_catalogue(
    catalogue: Catalogue, summer: Programme, ethics: Programme
) -> None:
    assert list(catalogue.programmes) == ["2023-ethics", "2023-summer"]
    assert catalogue.clock == summer.clock == ethics.clock
    assert catalogue.resources.keys() == catalogue.listings.keys()
    assert len(catalogue.resources) == 62 + 7


def test_rule_12_a_shared_resource_is_listed_by_each_programme(catalogue: Catalogue) -> None:
    places = catalogue.listings["ideals-03"]
    assert [(p.programme.id, p.course.id) for p in places] == [
        ("2023-ethics", "ideals"), ("2023-summer", "ideals")]
    assert {p.resource.id for p in places} == {"ideals-03"}
    [only] = catalogue.listings["teaching-01"]
    assert (only.programme.id, only.course.id) == ("2023-summer", "teaching")


def test_rule_7_a_catalogue_of_programmes_at_hand(summer: Programme) -> None:
    text = Resource("t", "text", "文本", 0, 0, ())
    courses = (Course("c", "课", 0, None, (text,)),)
    one = Programme(
        "p", "甲", summer.window, courses, summer.clock, HOUR, True, (), 0, 0, "passed", 1.0, False)
    catalogue = Catalogue.of([one, summer])
    assert [listing.programme for listing in catalogue.listings["t"]] == [one]
    assert catalogue.resources["t"] is text
    assert "ideals-01" in catalogue.listings


def test_limits_are_those_of_the_wire() -> None:
    """The rules import nothing, so they repeat what the schemas say; here both are compared."""
    assert toml_table.MAX_EPOCH_MS == MAX_EPOCH_MS
    assert MAX_SECONDS * 1000 == MAX_POSITION_MS
    schema = QuizEvent.model_json_schema()["properties"]
    answers = schema["answers"]
    assert answers["maxProperties"] == MAX_QUESTIONS
    assert answers["propertyNames"]["maxLength"] == MAX_NAME
    assert answers["additionalProperties"]["anyOf"][0]["maxLength"] == MAX_ANSWER
    id_ = schema["quiz_id"]
    assert (id_["pattern"], id_["minLength"], id_["maxLength"]) == (
        "^[A-Za-z0-9._:@-]+$", 1, 64)
    assert toml_table.ID.pattern == "[A-Za-z0-9._:@-]{1,64}"
