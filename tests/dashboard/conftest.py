"""The country of tests/warehouse/country.py, published once for all tests that leave it so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from pipeline.settings import Settings
from tests.dashboard.chromium import chromium
from tests.dashboard.publishing import large, publish, publish_country
from tests.dashboard.serving import browsing


@pytest.fixture(scope="session")
def country_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder (var_dir) of the country; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("country")
    publish_country(Settings(var_dir=folder))
    return folder


@pytest.fixture(scope="session")
def large_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of publishing.large; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("large")
    publish(Settings(var_dir=folder), large())
    return folder


@pytest.fixture(scope="module")
def beijing(country_dir: Path) -> Iterator[httpx.Client]:
    """Browses the country with the account of a province."""
    with browsing(country_dir, "110000") as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; of one module only, for its event loop stands in the way of others'."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def own(country_dir: Path, tmp_path: Path) -> Settings:
    """A country of one's own, for tests that change or break it."""
    shutil.copytree(country_dir, tmp_path, dirs_exist_ok=True)
    return Settings(var_dir=tmp_path)
