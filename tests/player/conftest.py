"""The bundle, a film, Chromium, and a collector that pages of the site may post to."""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from pipeline.settings import ROOT, Settings
from tests import chromium
from tests.collector.processes import Running, running
from tests.player.site import Site, make_film, serving
from tests.player.streams import WIDTHS, make_stream
from tests.player.watching import Evening

ARGS = [*chromium.ARGS, "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.webm"
    make_film(path)
    return path


@pytest.fixture(scope="session")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    for name, width in WIDTHS.items():
        make_stream(folder / name, width)
    return folder


@pytest.fixture(scope="session")
def bundle() -> None:
    subprocess.run(["npm", "run", "--silent", "build"], cwd=ROOT / "player", check=True)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Of one module only, for its event loop stands in the way of others'."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return chromium.chromium_path()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def site(settings: Settings, film: Path, bundle: None) -> Iterator[Site]:
    with serving(Site(f"http://127.0.0.1:{settings.collector_port}", film)) as site:
        yield site


def collecting(settings: Settings, site: Site, **more: str) -> AbstractContextManager[Running]:
    """A collector as a process of its own, with heartbeats every two seconds."""
    said = {"XUESHI_CORS_ORIGINS": f'["{site.address}"]', "XUESHI_HEARTBEAT_SECONDS": "2"}
    return running(settings, None, **said | more)


@pytest.fixture
def collector(settings: Settings, site: Site) -> Iterator[Running]:
    with collecting(settings, site) as collector:
        collector.until_ready()
        yield collector


@pytest.fixture
def evening(settings: Settings, site: Site) -> Evening:
    return Evening(settings, site)
