"""The published tables, made once by the real publisher."""

import pytest

from tests.queries.database import Layout, published_layouts


@pytest.fixture(scope="session")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Layout]:
    return published_layouts(tmp_path_factory.mktemp("published"))
