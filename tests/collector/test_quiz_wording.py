"""Rule 10: a play has its quizzes as they are read, and nothing of their keys."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pipeline.collector.messages import OpenedPlay
from pipeline.rules.programme import Catalogue, Course, Question, Quiz, Resource
from pipeline.settings import Settings
from tests import hostile
from tests.collector.conftest import make_catalogue
from tests.collector.memory import Memory
from tests.collector.serving import serving

WORDING = {"2": Question("有哪些？", {"C": "丙", "A": "甲", "B": "乙"}, True),
           "1": Question("<b>对不对？</b>", {"A": "对", "B": "不对", "C": "不知道"}, False)}
Key = Mapping[str, str | tuple[str, ...]]


def catalogue_with(key: Key) -> Catalogue:
    (programme,) = make_catalogue().programmes.values()
    video = Resource(hostile.RESOURCE, "video", "sample", 600_000, 600,
                     (Quiz("q", 0, key, WORDING),))
    course = Course("course-1", "sample", 600, None, (video,))
    return Catalogue.of([replace(programme, courses=(course,))])


def opened(settings: Settings, key: Key) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with serving(settings, catalogue_with(key), Memory(settings)) as client:
            return await client.open()

    return asyncio.run(run())


def test_rule_10_questions_and_choices_in_their_order(offline: Settings) -> None:
    play = opened(offline, {"2": ("A", "C"), "1": "B"})
    assert play["quizzes"] == [{
        "quiz_id": "q", "at_seconds": 0.0, "questions": ["2", "1"],
        "wording": [
            {"id": "2", "text": "有哪些？", "several": True, "choices": [
                {"id": "C", "text": "丙"}, {"id": "A", "text": "甲"}, {"id": "B", "text": "乙"}]},
            {"id": "1", "text": "<b>对不对？</b>", "several": False, "choices": [
                {"id": "A", "text": "对"}, {"id": "B", "text": "不对"},
                {"id": "C", "text": "不知道"}]},
        ]}]
    OpenedPlay.model_validate(play)


@pytest.mark.parametrize("key", [{"2": ("B", "C"), "1": "A"}, {"2": "A", "1": ("B",)}])
def test_rule_10_another_key_makes_no_difference(offline: Settings, key: Key) -> None:
    first = opened(offline, {"2": ("A", "C"), "1": "B"})
    assert opened(offline, key)["quizzes"] == first["quizzes"]
