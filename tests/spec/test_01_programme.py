"""Rules 1 to 7: what a programme is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from pipeline.rules.credit import Account, enrol, mark_done, standing
from pipeline.rules.programme import Catalogue, Programme, Resource
from pipeline.rules.programme_file import load_catalogue
from pipeline.settings import Settings
from tests.spec.story import (
    EARLIER_WINDOW,
    At,
    Claim,
    Open,
    Step,
    Watch,
    balance,
    course,
    moment,
    programme,
    tell,
    video,
)

SHIPPED = Settings().programmes_dir
HOUR = 2700


@pytest.fixture(scope="module")
def summer() -> Programme:
    return load_catalogue(SHIPPED).programmes["2023-summer"]


def worth(id_: str, seconds: int) -> Resource:
    return video(id=id_, seconds=seconds)


def account(done: Mapping[str, str], programme_id: str = "summer") -> Account:
    """Enrolled on the first day; `done`: when each resource was done."""
    made = Account()
    enrol(made, programme_id, moment("2023-07-14 00:00"))
    for resource_id, text in done.items():
        mark_done(made, programme_id, resource_id, moment(text))
    return made


@pytest.mark.parametrize(("opened", "received", "counts"), [
    # The window is [14 July 00:00, 1 September 00:00) in Asia/Shanghai.
    ("2023-07-13 23:58:00", "2023-07-13 23:59:59", False),
    ("2023-07-13 23:58:00", "2023-07-14 00:00:00", True),
    ("2023-08-31 23:50:00", "2023-08-31 23:59:59", True),
    # What comes later counts for 24 hours, if the player was opened inside the window.
    ("2023-08-31 23:59:59", "2023-09-01 00:01:30", True),
    ("2023-09-01 00:00:00", "2023-09-01 00:01:30", False),
    ("2023-08-31 23:59:59", "2023-09-01 23:59:59", True),
    ("2023-08-31 23:59:59", "2023-09-02 00:00:00", False),
])
def test_rule_01_the_window_and_what_arrives_late(
    opened: str, received: str, counts: bool, summer: Programme
) -> None:
    assert summer.window.opens_at == moment("2023-07-14 00:00")
    rules = replace(programme(course(video())), window=summer.window)
    story = tell([At(opened), Open("pc"), At(received), Claim(0, 60)], rules)
    assert story.done() == ({"video"} if counts else set())


def test_rule_02_eight_courses_and_their_hours(summer: Programme) -> None:
    assert {c.name: c.required_seconds / HOUR for c in summer.courses} == {
        "思想铸魂": 2, "学科教学能力提升": 3, "固本强基": 1, "以案促学": 1,
        "数字素养提升": 1, "综合育人能力提升": 1, "科学素养提升": 1, "师德引领": 0,
    }
    assert summer.required_seconds == 10 * HOUR


@pytest.mark.parametrize(("learned_in_ideals", "learned_in_cases", "complete"), [
    (5400, 2700, True),
    (9000, 2700, True),
    (8100, 0, False),       # the sum is enough, but one course has nothing
    (8100, 2699, False),    # a second short in one course
    (5399, 9000, False),
])
def test_rule_03_surplus_never_fills_another_course(
    learned_in_ideals: int, learned_in_cases: int, complete: bool
) -> None:
    rules = programme(
        course(worth("i", learned_in_ideals), id="ideals", required=5400),
        course(worth("c", learned_in_cases), id="cases", required=2700))
    now = standing(rules, account({"i": "2023-07-20 08:00", "c": "2023-07-21 08:00"}))
    assert (now.completed_at is not None) == complete


def test_rule_04_texts_are_followed_and_credit_nothing() -> None:
    text = Resource("text", "text", "text", 60_000, 0, ())
    rules = programme(course(text, required=60))
    assert tell([], rules).news == []
    story = tell([Watch(0, 30, of="text")], rules)
    assert [m.status for m in story.news] == ["started"]
    story = tell([Watch(0, 30, of="text"), Watch(30, 60, of="text")], rules)
    assert [m.status for m in story.news] == ["started", "done"]
    assert (story.standing().learned, story.standing().credited) == (0, 0)


EARLY = programme(course(video(), id="ethics", required=60), id="earlier", window=EARLIER_WINDOW)
SUMMER = programme(course(video(), id="ethics", required=60, shared_with="earlier"),
                   course(video(id="other"), id="own", required=60))


@pytest.mark.parametrize(("steps", "earlier", "summer_learned"), [
    ([], 0, 0),
    # In June only the earlier programme is open; what was done there counts here as well.
    ([At("2023-06-20 08:00"), Watch(0, 60)], 60, 60),
    # In July both are open: the same view counts in both, and here once, not twice.
    ([Watch(0, 60)], 60, 60),
    ([At("2023-06-20 08:00"), Watch(0, 60), At("2023-07-20 08:00"), Watch(0, 60, on="tv")], 60, 60),
    # A course of its own is not carried over, and has no earlier window either.
    ([At("2023-06-20 08:00"), Watch(0, 60, of="other")], 0, 0),
])
def test_rule_05_what_was_done_earlier_counts_here_once(
    steps: list[Step], earlier: int, summer_learned: int
) -> None:
    story = tell(steps, EARLY, SUMMER)
    assert story.standing("earlier").learned == earlier
    assert story.standing("summer").learned == summer_learned


@pytest.mark.parametrize(("done", "learned"), [
    ({}, 900),
    ({"a": "2023-06-30 23:59:59"}, 900),         # it is in the opening balance already
    ({"a": "2023-07-01 00:00:00"}, 1000),        # it is not
    ({"a": "2023-06-15 08:00", "b": "2023-07-15 08:00"}, 1100),
])
def test_rule_05_an_opening_balance_holds_what_was_before_it(
    done: dict[str, str], learned: int
) -> None:
    rules = programme(course(worth("a", 100), worth("b", 200), id="ideals", required=5400))
    made = account(done)
    made.openings["summer"] = {"ideals": balance(900, "2023-07-01 00:00")}
    assert standing(rules, made).learned == learned


def test_rule_06_an_hour_is_45_minutes_and_nothing_is_rounded(summer: Programme) -> None:
    assert summer.seconds_per_hour == 45 * 60
    rules = programme(course(worth("a", 2699), worth("b", 1), required=2700))
    short = standing(rules, account({"a": "2023-07-20 08:00"}))
    assert (short.learned, short.credited, short.completed_at) == (2699, 2699, None)
    assert standing(rules, account({"a": "2023-07-20 08:00", "b": "2023-07-20 09:00"})).recognised \
        == 2700


def test_rule_06_a_video_is_worth_its_duration_or_what_the_file_says(summer: Programme) -> None:
    videos = [r for c in summer.courses for r in c.resources if r.kind == "video"]
    assert all(v.credit_seconds * 1000 == v.duration_ms for v in videos)
    fixed = replace(video(), credit_seconds=45)
    assert tell([Watch(0, 60)], programme(course(fixed))).standing().learned == 45


def test_rule_07_another_programme_is_another_file(tmp_path: Path) -> None:
    folder = copytree(SHIPPED, tmp_path / "programmes")
    (folder / "2024.toml").write_text("""
        id = "2024"
        name = "2024年研修"
        window = { opens_at = 2023-07-20T00:00:00+08:00, closes_at = 2024-09-01T00:00:00+08:00 }
        clock = {}
        [[courses]]
        id = "new"
        name = "新课"
        hours = 1
        [[courses.resources]]
        id = "new-01"
        kind = "video"
        title = "新视频"
        duration_seconds = 2700
        """, encoding="utf-8")
    catalogue = load_catalogue(folder)
    assert set(catalogue.programmes) == {"2023-ethics", "2023-summer", "2024"}
    story = tell([Watch(0, 2700, of="new-01")], *catalogue.programmes.values())
    assert story.done("2024") == {"new-01"}
    assert story.standing("2024").recognised == 2700


def test_rule_07_one_view_counts_in_every_programme_that_lists_the_video() -> None:
    both = (programme(course(video()), id="one"), programme(course(video()), id="two"))
    story = tell([Watch(0, 60)], *both)
    assert Catalogue.of(both).programmes.keys() == {"one", "two"}
    assert story.done("one") == story.done("two") == {"video"}
