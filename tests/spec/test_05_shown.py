"""Rules 25 to 28: what is shown."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.rules.programme import Programme
from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.progress import programme_progress
from pipeline.schemas.base import Record
from pipeline.settings import Settings
from tests.spec.story import Answer, At, Step, Watch, course, programme, quiz, tell, video
from tests.warehouse.country import country
from tests.warehouse.helpers import snapshot_of
from warehouse.publisher import publish_once
from warehouse.report import Report, report

VIDEO = video(quiz(40))


def shown(steps: list[Step], *programmes: Programme) -> dict[str, Any]:
    """The progress page of the last of the programmes."""
    story = tell(steps, *programmes)
    return programme_progress(programmes[-1], story.viewer, story.account())


def resource(page: dict[str, Any]) -> dict[str, Any]:
    (only,) = page["courses"][0]["resources"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize(("seconds", "required", "credited", "colour", "words"), [
    (60, 61, 60, "red", "未达到认定学时"),
    (60, 60, 60, "blue", "已达到认定学时"),
    (60, 59, 59, "blue", "已达到认定学时"),
    (60, 0, 0, "blue", "已达到认定学时"),
])
def test_rule_25_red_until_the_hours_are_credited_and_never_by_colour_alone(
    seconds: int, required: int, credited: int, colour: str, words: str
) -> None:
    page = shown([Watch(0, 60)], programme(course(video(seconds=seconds), required=required)))
    for part in (page, page["courses"][0]):
        assert (part["learned_seconds"], part["credited_seconds"], part["required_seconds"]) == (
            seconds, credited, required)
        assert (part["colour"], part["text"]) == (colour, words)
        assert part["reached"] == (colour == "blue")


def test_rule_25_the_total_is_red_while_one_course_is() -> None:
    done = course(video(), id="one", required=60)
    page = shown([Watch(0, 60)], programme(done, course(video(id="other"), id="two", required=1)))
    assert [part["colour"] for part in page["courses"]] == ["blue", "red"]
    assert (page["colour"], page["credited_seconds"], page["recognised_seconds"]) == ("red", 60, 0)


@pytest.mark.parametrize(("steps", "mark", "state"), [
    ([], "○", "not_started"),
    ([Watch(0, 1)], "◐", "started"),
    ([Answer()], "◐", "started"),
    ([Watch(0, 60)], "◐", "started"),                          # watched, but the quiz is open
    ([Watch(0, 60), Answer()], "◐", "started"),                # and what is behind it
    ([Watch(0, 40), Answer(), Watch(40, 60)], "✔", "done"),
    ([At("2023-05-20 08:00"), Watch(0, 60)], "○", "not_started"),
])
def test_rule_26_not_started_started_done(steps: list[Step], mark: str, state: str) -> None:
    one = resource(shown(steps, programme(course(VIDEO))))
    assert (one["mark"], one["state"]) == (mark, state)
    assert (one["done_at"] is not None) == (state == "done")


def test_rule_26_what_was_carried_over_is_done() -> None:
    earlier = programme(course(VIDEO), id="earlier")
    late = replace(programme(course(VIDEO, shared_with="earlier")),
                   window=replace(earlier.window, opens_at=earlier.window.closes_at - 1000))
    page = shown([Watch(0, 40), Answer(), Watch(40, 60)], earlier, late)
    assert resource(page)["mark"] == "✔"


@pytest.mark.parametrize(("steps", "missing", "quizzes", "tail"), [
    ([Watch(0, 30)], [30_000, 60_000], ["q"], {}),
    ([Watch(0, 60)], [], ["q"], {}),
    ([Watch(0, 60), Answer()], [], [], {"q": 20_000}),
    ([Watch(0, 60), Answer(), Watch(40, 55)], [], [], {"q": 5_000}),
])
def test_rule_19_why_a_video_has_no_credit(
    steps: list[Step], missing: list[int], quizzes: list[str], tail: dict[str, int]
) -> None:
    one = resource(shown(steps, programme(course(VIDEO))))
    assert (one["missing_ms"], one["quizzes_open"], one["tail_missing_ms"]) == (
        missing, quizzes, tail)


STAGES = ("on_roster", "registered", "enrolled", "started", "completed", "verified", "certificate")


def published(folder: Path, region: str, *more: Record) -> Report:
    settings = Settings(var_dir=folder)
    snapshot_of(settings, country(*more))
    publish_once(settings)
    return report(settings.published_dir, region)


@pytest.mark.parametrize(("region", "below"), [
    # the country's seven teachers stand in tests/warehouse/country.py
    ("china", {"110000": (5, 4, 4, 3, 2, 1, 1), "440000": (1, 1, 0, 0, 0, 0, 0)}),
    ("110000", {"110100": (5, 4, 4, 3, 2, 1, 1)}),
    ("110100", {"110101": (4, 3, 3, 3, 2, 1, 1), "110102": (1, 1, 1, 0, 0, 0, 0)}),
    ("110101", {"bj1": (3, 2, 2, 2, 2, 1, 1), "bj2": (1, 1, 1, 1, 0, 0, 0)}),
])
def test_rule_27_the_funnel_from_the_country_down_to_a_school(
    region: str, below: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    made = published(tmp_path, region)
    rows = {row.code: tuple(row.stages[stage] for stage in STAGES) for row in made.rows
            if row.kind in ("region", "school")}
    assert rows == below
    for counts in rows.values():
        assert list(counts) == sorted(counts, reverse=True), "a funnel only gets narrower"


def test_rule_28_nothing_is_ranked(tmp_path: Path) -> None:
    """Rows stand in the order of codes, whatever the figures; no programme turns ranking on."""
    shipped = load_catalogue(Settings().programmes_dir).programmes.values()
    assert not any(one.ranking for one in shipped)
    rows = [row for row in published(tmp_path, "110100").rows if row.kind == "region"]
    assert [row.code for row in rows] == ["110101", "110102"]
    assert rows[0].stages["completed"] > rows[1].stages["completed"]
    assert not any("rank" in name for name in type(rows[0]).__dataclass_fields__)
