"""Settings for what needs no Kafka, and a country that is published once."""

from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import snapshot_of
from warehouse.publisher import publish_once


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings whose data lies under `tmp_path`."""
    return Settings(var_dir=tmp_path)


@pytest.fixture(scope="session")
def country_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder (var_dir) of the country; tests must leave it as it is."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("country"))
    snapshot_of(settings, country())
    publish_once(settings)
    return settings.var_dir
