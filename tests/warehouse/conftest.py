"""Settings for what needs no Kafka."""

from pathlib import Path

import pytest

from pipeline.settings import Settings


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings whose data lies under `tmp_path`."""
    return Settings(var_dir=tmp_path)
