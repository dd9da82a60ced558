"""A page with a worker behind it, and Chromium."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr

from pipeline.settings import Settings
from tests.dashboard.chromium import chromium
from tests.learner.serving import SECRET, Clock, learner
from tests.learner.worker import KEY, Mood, worker


@dataclass
class Site:
    """The page's address, the settings, the time, and the worker's mood."""

    address: str
    settings: Settings
    clock: Clock
    mood: Mood


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with worker() as (url, mood):
        settings = Settings(
            var_dir=tmp_path, worker_url=url, platform_key=SecretStr(KEY),
            token_secret=SecretStr(SECRET), certificate_secret=SecretStr("c" * 32),
            learner_play_url="https://platform.example.cn/play/{resource_id}?at={seconds}")
        clock = Clock()
        with learner(settings, clock) as address:
            yield Site(address, settings, clock, mood)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; of one module only, for its event loop stands in the way of others'."""
    with chromium() as browser:
        yield browser
