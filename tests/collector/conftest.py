"""A small catalogue, and settings without a broker."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.rules.programme import Catalogue, Clock, Course, Programme, Quiz, Resource, Window
from pipeline.settings import Settings
from tests import hostile
from tests.collector.serving import KEY

DURATION_MS = hostile.DURATION_S * 1000


def _resource(number: int) -> Resource:
    quiz = Quiz(f"video-{number}-quiz", DURATION_MS, {"1": "A", "2": ("A", "C")})
    return Resource(f"video-{number}", "video", "sample", DURATION_MS, hostile.DURATION_S, (quiz,))


def make_catalogue() -> Catalogue:
    """Two videos of ten minutes with a quiz each, and a text."""
    text = Resource("text-1", "text", "sample", 300_000, 0, ())
    course = Course("course-1", "sample", 600, None, (_resource(1), _resource(2), text))
    return Catalogue.of([Programme(
        id="programme-1",
        name="sample",
        window=Window(0, 2_000_000_000_000, 0),
        courses=(course,),
        clock=Clock(200, 7_200_000, 10_000),
        seconds_per_hour=2700,
        credit_before_enrolment=True,
        enrolled_through=(),
        gap_tolerance_ms=2000,
        tail_tolerance_ms=500,
        quiz_rule="passed",
        pass_mark=0.6,
        ranking=False,
    )])


@pytest.fixture
def catalogue() -> Catalogue:
    return make_catalogue()


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    """Settings for tests that need no broker."""
    return Settings(
        topic_prefix="test.",
        partitions=4,
        var_dir=tmp_path,
        platform_key=SecretStr(KEY),
        token_secret=SecretStr("token-secret-of-the-tests-0123456789"),
        linger_ms=1,
    )
