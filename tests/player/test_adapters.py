"""video.js, hls.js and Plyr as npm has them, in real Chromium: what was played of each film is what
the collector hears for that film's resource, and of no other (rules 9, 18).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest
from playwright.sync_api import BrowserContext, Page

from pipeline.settings import ROOT
from tests.collector.processes import RESOURCE
from tests.player.site import open_play
from tests.player.spans import Stretch, beyond, length
from tests.player.streams import FILE, LIST, PACKAGES, WIDTHS
from tests.player.watching import AN_EDGE, Evening, flush, heard

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("collector")]

OTHER = "teaching-03"
RESOURCES = {"a": RESOURCE, "b": OTHER}
FILM_OF = {WIDTHS["a"]: RESOURCE, WIDTHS["large"]: RESOURCE, WIDTHS["b"]: OTHER}
PLAYED = "runs.reduce((sum, run) => sum + run.to - run.from, 0)"
PAGE = Path(__file__).with_name("adapters.html")
A_CHANGE = 0.3  # media elements say where they are four times a second, and not when taken away
SLOW_S = 3.0


@dataclass(slots=True)
class Room:
    """Where a player of another maker shows films that are told apart by their width."""

    evening: Evening
    context: BrowserContext
    streams: Path

    def page(self, player: str) -> Page:
        pages = self.evening.site.pages
        script = "text/javascript"
        pages["/"] = ("text/html", PAGE.read_bytes)
        pages["/player.js"] = (script, (ROOT / "player/node_modules" / PACKAGES[player]).read_bytes)
        bundle = ROOT / "player/dist" / f"xueshi-player-{player}.min.js"
        pages["/adapter.js"] = (script, bundle.read_bytes)
        for path in self.streams.rglob("*.*"):
            pages[f"/{path.relative_to(self.streams)}"] = ("video/mp4", path.read_bytes)
        for film, resource in RESOURCES.items():
            pages[f"/play-{film}"] = ("application/json", self._opening(resource))
        return self._visit()

    def _opening(self, resource: str) -> Callable[[], bytes]:
        return lambda: orjson.dumps(open_play(self.evening.site.collector, resource))

    def _visit(self) -> Page:
        page = self.context.new_page()
        query = urlencode({"endpoint": self.evening.site.collector})
        page.goto(f"{self.evening.site.address}/?{query}")
        page.wait_for_function("window.ready")
        return page

    def slowly(self, path: str) -> None:
        type_, content = self.evening.site.pages[path]

        def slow() -> bytes:
            time.sleep(SLOW_S)
            return content()

        self.evening.site.pages[path] = (type_, slow)

    def require_told(self, page: Page, played: dict[str, float], changes: int) -> None:
        """Of each resource what was played of its film, at least `played` seconds, and no more."""
        told = self.told()
        for resource in RESOURCES.values():
            truth = truth_of(page, resource)
            assert length(truth) >= played.get(resource, 0.0), truth
            edges = AN_EDGE * len(truth)
            assert beyond(truth, told[resource]) <= edges + A_CHANGE * changes, (truth, told)
            assert beyond(told[resource], truth) <= edges, (truth, told)

    def told(self) -> dict[str, list[Stretch]]:
        told: dict[str, list[Stretch]] = {resource: [] for resource in RESOURCES.values()}
        for batch in self.evening.told():
            for resource, start, end in zip(
                batch.resource_id, batch.start, batch.end, strict=True
            ):
                told[resource].append((start / 1000, end / 1000))
        return told


def truth_of(page: Page, resource: str) -> list[Stretch]:
    return [(run["from"], run["to"]) for run in page.evaluate("runs")
            if FILM_OF[run["width"]] == resource and run["to"] > run["from"]]


@pytest.fixture
def room(evening: Evening, context: BrowserContext, streams: Path) -> Room:
    return Room(evening, context, streams)


def do(page: Page, script: str, seconds: float = 0.0, played: float = 0.0) -> None:
    """Do something to the player, and let so many seconds go by; on a busy machine more of them,
    until it has played `played` seconds more of its films.
    """
    before = page.evaluate(PLAYED)
    page.evaluate(f"async () => {{ {script} }}")
    page.wait_for_timeout(seconds * 1000)
    page.wait_for_function(f"{PLAYED} >= {before + played}")


def test_video_js(room: Room) -> None:
    """Its own HLS, a rate, a seek, a file in place of the stream, reset, dispose."""
    page = room.page("video")
    do(page, """
        place.innerHTML = '<video id="one" muted playsinline></video>';
        window.player = videojs("one");
        player.src({ src: "/a/index.m3u8", type: "application/x-mpegURL" });
        const b = await blob("/b/film.mp4");
        window.b = { src: b, type: "video/mp4" };
        await follow(player, { ...await open("a"), source: "/a/index.m3u8",
          open: async (source) => source === b ? open("b") : null });
        await player.play();""", 2, played=1.5)
    do(page, "player.currentTime(15)", 2, played=1.5)
    do(page, "player.playbackRate(2)", 1.5, played=2)
    do(page, """player.src(b);
        await new Promise((go) => player.one("loadstart", go));
        await player.play();""", 3, played=2.1)
    do(page, "player.reset()", 0.5)
    do(page, """player.src({ src: "/a/index.m3u8", type: "application/x-mpegURL" });
        await player.play();""", 2, played=1.1)
    do(page, "player.dispose()", 0.5)
    flush(page)
    assert [one["play"] is not None for one in heard(page, "changed")] == [True] * 3
    room.require_told(page, {RESOURCE: 6, OTHER: 2}, changes=3)


def test_hls_js(room: Room) -> None:
    """A stall, an error it recovers from, another stream and back, destroy."""
    page = room.page("hls")
    room.slowly("/a/index6.ts")
    do(page, f"""
        place.innerHTML = '<video muted playsinline></video>';
        window.video = place.firstChild;
        window.hls = new Hls({{ maxBufferLength: 1, maxMaxBufferLength: 2 }});
        hls.loadSource("/a/{LIST}");
        await follow(hls, {{ ...await open("a"), renew: () => open("a"),
          open: async (source) => source === address("/b/{LIST}") ? open("b") : null }});
        hls.attachMedia(video);
        window.stalls = 0;
        video.addEventListener("waiting", () => stalls++);
        await video.play();""", 2)
    do(page, "video.currentTime = 10", 5.5)
    assert page.evaluate("stalls") >= 2, "the seek alone waited"
    do(page, "hls.recoverMediaError(); await video.play();", 2)
    do(page, "video.playbackRate = 2", 1.5)
    collector = f"{room.evening.site.collector}/**"
    room.context.route(collector, lambda route: route.abort())
    do(page, f"""hls.loadSource("/b/{LIST}");
        await video.play();
        video.currentTime = 20;""", 1)  # what was played of the first film is not delivered yet
    do(page, "handle.flush()", 1)
    room.context.unroute(collector)
    do(page, "handle.flush()", 0.5)
    do(page, f'hls.loadSource("/a/{LIST}"); await video.play();', 2)
    do(page, "hls.destroy()", 0.5)
    flush(page)
    room.require_told(page, {RESOURCE: 9, OTHER: 1}, changes=4)


def test_plyr(room: Room) -> None:
    """Another quality of the film, another film in another element, an advert, destroy."""
    page = room.page("plyr")
    do(page, f"""
        window.small = await blob("/a/{FILE}");
        window.large = await blob("/large/{FILE}");
        window.b = await blob("/b/{FILE}");
        place.innerHTML = `<video id="one" muted playsinline>
          <source src="${{small}}" type="video/mp4" size="576">
          <source src="${{large}}" type="video/mp4" size="720"></video>`;
        window.plyr = new Plyr("#one", {{ loadSprite: false, blankVideo: "", muted: true,
          storage: {{ enabled: false }}, quality: {{ default: 576, options: [720, 576] }} }});
        await follow(plyr, {{ ...await open("a"),
          open: async (source) => source === b ? open("b") : null }});
        window.show = (src) => {{
          plyr.source = {{ type: "video", sources: [{{ src, type: "video/mp4", size: 576 }}] }};
          plyr.muted = true;
          return plyr.play();
        }};
        await plyr.play();""", 2)
    do(page, "plyr.currentTime = 12", 1.5)
    do(page, "plyr.quality = 720", 2)
    do(page, "plyr.speed = 2", 1.5)
    do(page, "await show(b)", 2)
    do(page, f'await show(await blob("/b/{FILE}"))', 2)  # the film is no other, its address is
    advert = length(truth_of(page, OTHER))
    do(page, "plyr.destroy()", 0.5)
    flush(page)
    assert [one["play"] is not None for one in heard(page, "changed")] == [True, True, False]
    told = room.told()
    truth = truth_of(page, RESOURCE)
    assert length(truth) >= 6
    assert beyond(truth, told[RESOURCE]) <= AN_EDGE * len(truth) + 2 * A_CHANGE
    assert beyond(told[RESOURCE], truth) <= AN_EDGE * len(truth)
    assert 1 < length(told[OTHER]) <= advert + AN_EDGE


def test_a_live_stream_and_a_film_of_no_play_count_for_nothing(room: Room) -> None:
    page = room.page("hls")
    pages = room.evening.site.pages
    live = pages[f"/a/{LIST}"][1]().replace(b"#EXT-X-ENDLIST\n", b"")
    pages["/a/live.m3u8"] = ("text/plain", lambda: live.replace(b"TYPE:VOD", b"TYPE:EVENT"))
    do(page, """
        place.innerHTML = '<video muted playsinline></video>';
        window.video = place.firstChild;
        window.hls = new Hls({ startPosition: 0 });
        await follow(hls, { ...await open("a"), source: "/a/live.m3u8" });
        hls.loadSource("/a/live.m3u8");
        hls.attachMedia(video);
        await video.play();""", 2)
    do(page, f'hls.loadSource("/b/{LIST}"); await video.play();', 2)
    flush(page)
    assert length(truth_of(page, RESOURCE)) > 1
    assert length(truth_of(page, OTHER)) > 1
    assert [one["play"] for one in heard(page, "changed")][-2:] == [None, None]
    assert room.evening.told() == []
