"""A published file of one province."""


import pytest

from pipeline.settings import Settings
from tests.warehouse.country import country
from tests.warehouse.helpers import snapshot_of
from warehouse.publisher import publish_once
from warehouse.sandbox.box import Source


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Beijing's file as it is published."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("private-place"))
    snapshot_of(settings, country())
    manifest = publish_once(settings)
    return Source(settings.published_dir / manifest.files[0].name)
