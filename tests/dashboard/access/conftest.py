"""A small country, published once; a copy of it for each test, with accounts and a server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from pipeline.settings import Settings
from tests.dashboard.access.serving import PASSWORDS, Site, dashboard
from tests.warehouse.country import country
from tests.warehouse.helpers import snapshot_of
from warehouse.dashboard.access import passwords
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import editing, made
from warehouse.publisher import publish_once

ACCOUNTS = (
    Account("bj", "110000", True, True), Account("dongcheng", "110101", False, True),
    Account("gd", "440000", True, True), Account("country", "000000", False, True),
    Account("plain", "110000", False, False), Account("off", "110000", True, True),
)


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """A sign-in with what is hashed here takes 0.6 ms of CPU where it takes 190 for users, as
    tests sign in some hundreds of times. The true cost: test_accounts.py.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a country with accounts, to be copied."""
    settings = Settings(var_dir=tmp_path_factory.mktemp("model"))
    snapshot_of(settings, country())
    publish_once(settings)
    with editing(settings.accounts_path) as all_, cheap_passwords():
        all_.update({a.name: made(a, PASSWORDS[a.name]) for a in ACCOUNTS})
        all_["off"] = all_["off"].model_copy(update={"disabled": True})
    return settings.var_dir


@pytest.fixture
def here(model: Path, tmp_path: Path) -> Settings:
    """Settings whose data is a fresh copy of the country."""
    shutil.copytree(model, tmp_path / "var")
    return Settings(var_dir=tmp_path / "var")


@pytest.fixture
def site(here: Settings) -> Iterator[Site]:
    with dashboard(here) as running:
        yield running


@pytest.fixture(scope="session")
def shared(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests that leave nothing behind but lines of the log and sessions."""
    data = tmp_path_factory.mktemp("shared") / "var"
    shutil.copytree(model, data)
    with dashboard(Settings(var_dir=data)) as running:
        yield running
