"""A viewer in real Chromium; the truth of what was played; and what reached Kafka of it."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Error, Page

from pipeline.rules.programme_file import load_catalogue
from pipeline.rules.watching import Heartbeat, Verdict, Viewer, hear
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from tests.collector.test_transports import read
from tests.player.site import Site
from tests.player.spans import Stretch, beyond, length

# A run's two ends are noted every few milliseconds by the truth, and as they are by the player.
AN_EDGE = 0.15


@dataclass(slots=True)
class Evening:
    """Everything one teacher plays in a browser. `runs`: the truth of each page by itself."""

    settings: Settings
    site: Site
    runs: dict[int, list[Stretch]] = field(default_factory=dict)

    def page(self, context: BrowserContext, **said: str) -> Page:
        """A page with the player, ready to play; it reports the truth ten times a second."""
        page = context.new_page()
        self.listen(page)
        self.goto(page, **said)
        return page

    def listen(self, page: Page) -> None:
        key = len(self.runs)
        self.runs[key] = []
        before: list[Stretch] = []

        def report(_: Any, runs: list[list[float]]) -> None:
            self.runs[key] = before + [(start, end) for start, end in runs]

        def begin_anew(_: Any) -> None:
            before[:] = self.runs[key]

        page.expose_binding("report", report)
        page.on("domcontentloaded", begin_anew)

    def goto(self, page: Page, **said: str) -> None:
        query = urlencode({"endpoint": self.site.collector, **said})
        page.goto(f"{self.site.address}/?{query}")
        page.wait_for_function("window.ready")

    @property
    def truth(self) -> list[Stretch]:
        return [run for runs in self.runs.values() for run in runs if run[1] > run[0]]

    def told(self) -> list[TelemetryBatch]:
        servers = str(self.settings.kafka_bootstrap_servers)
        return [TelemetryBatch.read(value)
                for _, value, _ in read(servers, self.settings.topic("telemetry"))]

    def stretches(self) -> list[Stretch]:
        return [(start / 1000, end / 1000) for batch in self.told()
                for start, end in zip(batch.start, batch.end, strict=True)]

    def copies(self) -> Counter[tuple[str, int]]:
        """How often each event came, by session and number."""
        return Counter(key for batch in self.told()
                       for key in zip(batch.session_id, batch.seq, strict=True))

    def require_one_stretch_a_number(self) -> None:
        """What comes again under a number is the beginning of what came first."""
        first: dict[tuple[str, int], tuple[int, int]] = {}
        for batch in self.told():
            for session, seq, start, end in zip(
                    batch.session_id, batch.seq, batch.start, batch.end, strict=True):
                begin, furthest = first.setdefault((session, seq), (start, end))
                assert (start, max(end, furthest)) == (begin, furthest), (seq, start, end)

    def require_nothing_lost(
        self, lost: float = 0.0, played: float = 1.0, edges: int | None = None
    ) -> None:
        """`require_told`, and the rules take all of it (16, 18)."""
        self.require_told(lost, played, edges)
        assert self.verdicts() <= {Verdict.ACCEPTED, Verdict.REPEATED}

    def require_told(
        self, lost: float = 0.0, played: float = 1.0, edges: int | None = None
    ) -> None:
        """What reached Kafka is what was played, but for `lost` seconds and the edges of runs, of
        which there may be more than the truth's. At least `played` seconds were.
        """
        told, truth = self.stretches(), self.truth
        tolerance = AN_EDGE * (edges or len(truth))
        assert length(truth) >= played, truth
        assert beyond(truth, told) <= tolerance + lost, (truth, told)
        assert beyond(told, truth) <= tolerance, (truth, told)

    def verdicts(self) -> set[Verdict]:
        """What the watching agent says of each heartbeat."""
        catalogue, viewer = load_catalogue(self.settings.programmes_dir), Viewer()
        beats = [beat for batch in self.told() for beat in _beats(batch)]
        return {hear(viewer, catalogue, beat, []) for beat in beats}


def _beats(batch: TelemetryBatch) -> list[Heartbeat]:
    columns = (batch.resource_id, batch.session_id, batch.opened_at, batch.seq,
               batch.received_at, batch.start, batch.end, batch.rate)
    return [Heartbeat(*row) for row in zip(*columns, strict=True)]


def play(page: Page, seconds: float, rate: float = 1.0) -> None:
    """Play on for so long."""
    page.evaluate("rate => { video.playbackRate = rate; return video.play(); }", rate)
    page.wait_for_timeout(seconds * 1000)


def seek(page: Page, position: float) -> None:
    page.evaluate("at => { video.currentTime = at; }", position)


def stop(page: Page) -> None:
    page.evaluate("video.pause()")
    page.wait_for_timeout(250)  # the last of the truth is reported


def flush(page: Page) -> None:
    """Until the collector has acknowledged all that this page has."""
    page.evaluate("handle.flush()")
    page.wait_for_function("handle.pending === 0", timeout=20_000)


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("name => heard[name]", name)
    return found


def until(true: Callable[[], bool], page: Page | None = None, seconds: float = 20.0) -> None:
    """Wait for something outside the page; the page goes on meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        if page is None:
            time.sleep(0.2)
        else:
            page.wait_for_timeout(200)


def crash(page: Page) -> None:
    """The tab's process dies at once; nothing of the page runs any more."""
    try:
        page.goto("chrome://crash", timeout=3000)
    except Error:
        return
    raise AssertionError("it lives")
