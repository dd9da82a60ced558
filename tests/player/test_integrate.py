"""docs/how-to/integrate.md: its code, as it stands there, against a real collector."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import BrowserContext, Page

from pipeline.settings import ROOT
from tests.collector.serving import KEY
from tests.player.site import Site
from tests.player.streams import FILE, PACKAGES
from tests.player.watching import Evening, until

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("collector")]

TEXT = (ROOT / "docs" / "how-to" / "integrate.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEACHER = "t000001"
PLAYLIST = 4


def blocks(language: str) -> list[str]:
    return [code for name, code in BLOCK.findall(TEXT) if name == language]


def opener() -> Callable[[str, str], dict[str, Any]]:
    """The page's own `open_play`."""
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(code, names)
    opening: Callable[[str, str], dict[str, Any]] = names["open_play"]
    return opening


@pytest.fixture
def built(site: Site, streams: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The website as the how-to has it."""
    monkeypatch.setenv("COLLECTOR", site.collector)
    monkeypatch.setenv("XUESHI_PLATFORM_KEY", KEY)
    open_play, pages = opener(), site.pages
    for resource in ("ideals-01", "ideals-02"):
        pages[f"/plays/{resource}"] = (
            "application/json",
            lambda resource=resource: orjson.dumps(open_play(TEACHER, resource)))  # type: ignore[misc]  # mypy knows no default here
    for path in (streams / "a").iterdir():
        pages[f"/film/{path.name}"] = ("video/mp4", path.read_bytes)
    for name, film in {"film": "a", "next": "large", "advert": "b"}.items():
        pages[f"/{name}.mp4"] = ("video/mp4", (streams / film / FILE).read_bytes)
    for path in (ROOT / "player" / "dist").glob("*.min.js"):
        pages[f"/{path.name}"] = ("text/javascript", path.read_bytes)
    for package in PACKAGES.values():
        file = ROOT / "player" / "node_modules" / package
        pages[f"/{file.name}"] = ("text/javascript", file.read_bytes)
    return site


def visit(context: BrowserContext, built: Site, number: int) -> Page:
    """The page of that number, under the how-to's own CSP."""
    (policy,) = blocks("text")
    policy = policy.strip().replace("https://collector.example", built.collector)
    html = blocks("html")[number].replace("https://collector.example", built.collector)
    html = html.replace("<script", '<script nonce="R4nd0m"').replace(
        "<!doctype html>",
        f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}">')
    built.pages["/"] = ("text/html", html.encode)
    page = context.new_page()
    page.goto(built.address)
    return page


def watched(evening: Evening) -> dict[str, float]:
    """Seconds told of each resource."""
    told: dict[str, float] = {}
    for batch in evening.told():
        for resource, start, end in zip(batch.resource_id, batch.start, batch.end, strict=True):
            told[resource] = told.get(resource, 0) + (end - start) / 1000
    return told


def play(page: Page) -> None:
    page.evaluate("document.querySelector('video').play()")


@pytest.mark.parametrize("number", range(PLAYLIST))
def test_a_players_page(
    context: BrowserContext, built: Site, evening: Evening, number: int
) -> None:
    page = visit(context, built, number)
    until(lambda: page.evaluate("document.querySelector('video').readyState") > 1, page)
    play(page)
    until(lambda: watched(evening).get("ideals-01", 0) > 1, page)
    assert set(watched(evening)) == {"ideals-01"}


def test_the_playlist_counts_each_film_for_itself(
    context: BrowserContext, built: Site, evening: Evening
) -> None:
    page = visit(context, built, PLAYLIST)
    play(page)
    page.wait_for_timeout(2500)
    for film in ("/film.mp4", "/next.mp4"):
        page.evaluate("film => { document.querySelector('video').src = film; }", film)
        play(page)
        page.wait_for_timeout(2500)
    until(lambda: len(watched(evening)) == 2, page)
    assert all(0.5 < seconds < 3 for seconds in watched(evening).values())


def test_all_pages_are_tried() -> None:
    assert len(blocks("html")) == PLAYLIST + 1


def test_the_server_side_in_curl(built: Site) -> None:
    (code,) = blocks("sh")
    done = subprocess.run(["bash", "-ec", code], capture_output=True, check=True, env={
        "PATH": os.environ["PATH"], "COLLECTOR": built.collector, "XUESHI_PLATFORM_KEY": KEY})
    assert orjson.loads(done.stdout)["token"]


def test_what_may_go_wrong_is_said_in_the_page(context: BrowserContext, built: Site) -> None:
    (code,) = blocks("js")
    page = context.new_page()
    posts: list[str] = []
    page.on("request", lambda one: posts.append(f"{one.url} {one.post_data}"))
    page.goto(f"{built.address}/empty")
    page.evaluate("""() => {
        document.body.innerHTML = "<p id=notice></p>";
        window.handle = new EventTarget();
    }""")
    page.evaluate(f"() => {{ {code} }}")
    page.evaluate("""() => {
        const tell = (name, detail) => handle.dispatchEvent(new CustomEvent(name, { detail }));
        tell("refused", { errors: [{ type: "beyond_the_end" }] });
        tell("lost", { events: [{ from: 0, to: 90 }, { type: "quiz" }] });
    }""")
    assert "1.5 分钟" in page.inner_text("#notice")
    until(lambda: any("/player-faults" in one and "beyond_the_end" in one for one in posts), page)
