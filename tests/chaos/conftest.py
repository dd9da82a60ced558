"""One summer for all tests that only read it."""

import pytest

from chaos.copies.figures import Figures
from chaos.copies.truth import true_figures
from simulator.catalogue import Catalogue
from tests.chaos.summer import Summer, summer


@pytest.fixture(scope="session")
def one_summer() -> Summer:
    """Not to be changed."""
    return summer()


@pytest.fixture(scope="session")
def programmes(one_summer: Summer) -> Catalogue:
    """As the simulator reads them."""
    return one_summer.world.catalogue


@pytest.fixture(scope="session")
def truth(one_summer: Summer, programmes: Catalogue) -> Figures:
    """What every copy of it must say."""
    return true_figures(one_summer.truth, programmes)


@pytest.fixture(scope="session")
def finisher(one_summer: Summer) -> str:
    """A teacher who completed the main programme."""
    return next(one.teacher_id for one in one_summer.truth
                if one.programmes["2023-summer"].recognised)
