"""An honest viewer never loses a minute, whatever breaks: in real Chromium, on real Kafka."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from playwright.sync_api import BrowserContext, Playwright

from pipeline.settings import Settings
from tests.collector.processes import Running
from tests.player.conftest import ARGS, collecting
from tests.player.site import Site, open_play
from tests.player.watching import (
    Evening,
    crash,
    flush,
    heard,
    play,
    seek,
    stop,
    until,
)

pytestmark = pytest.mark.kafka

A_TICK = 1.3  # what a tab that dies at once may lose: it keeps what is played every second
CLOCK = """{ const real = Date.now.bind(Date); window.ahead = 0;
    Date.now = () => real() + window.ahead; }"""


@pytest.mark.usefixtures("collector")
def test_network_cut(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context)
    play(page, 1.5)
    context.set_offline(True)
    page.wait_for_timeout(6000)
    assert page.evaluate("handle.pending") > 0
    context.set_offline(False)
    page.wait_for_timeout(1500)
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=8)


def test_collector_dies_and_comes_back(
    settings: Settings, site: Site, context: BrowserContext, evening: Evening
) -> None:
    with collecting(settings, site) as first:
        first.until_ready()
        page = evening.page(context)
        play(page, 3)
        first.process.kill()
        first.process.wait()
        page.wait_for_timeout(5000)
        assert page.evaluate("handle.pending") > 0
    with collecting(settings, site) as second:
        second.until_ready()
        page.wait_for_timeout(1000)
        stop(page)
        flush(page)
    evening.require_nothing_lost(played=8)


@pytest.mark.usefixtures("collector")
def test_rule_18_reloads_in_the_same_play(context: BrowserContext, evening: Evening) -> None:
    """No number is used twice, though every page begins anew. Only what a page kept of a stretch
    that still grew may come behind the whole of it, if it was gone before it had kept that.
    """
    page = evening.page(context)
    for position in (3, 8, 13):
        play(page, 2.2)
        page.wait_for_timeout(200)
        evening.goto(page, keep="1")
        seek(page, position)
    play(page, 1)
    stop(page)
    flush(page)
    assert evening.site.plays == 1
    evening.require_nothing_lost(lost=3 * 0.15, played=7)
    assert len({session for session, _ in evening.copies()}) == 1
    evening.require_one_stretch_a_number()


@pytest.mark.usefixtures("collector")
def test_reload_while_offline(context: BrowserContext, evening: Evening) -> None:
    """What was played before a reload is sent after it, when the network is back."""
    page = evening.page(context)
    play(page, 1.5)
    context.route(f"{evening.site.collector}/**", lambda route: route.abort())
    page.wait_for_timeout(3000)
    stop(page)
    assert page.evaluate("handle.pending") > 0
    evening.goto(page, keep="1")
    page.wait_for_function("handle.pending > 0")
    context.unroute(f"{evening.site.collector}/**")
    flush(page)
    evening.require_nothing_lost(played=4)


@pytest.mark.usefixtures("collector")
def test_a_tab_that_is_left_tells_its_last_words(
    context: BrowserContext, evening: Evening
) -> None:
    """No other page of the site lives on that could send them."""
    page = evening.page(context)
    play(page, 2.7)
    page.wait_for_timeout(250)
    page.close(run_before_unload=True)
    until(lambda: sum(evening.copies().values()) >= 2)
    time.sleep(0.5)
    evening.require_nothing_lost(lost=0.3, played=2.5)


@pytest.mark.usefixtures("collector")
def test_without_keepalive_a_beacon_carries_them(
    context: BrowserContext, evening: Evening
) -> None:
    context.add_init_script("delete Request.prototype.keepalive")
    page = evening.page(context)
    play(page, 1.2)
    page.wait_for_timeout(250)
    page.goto("about:blank")
    until(lambda: bool(evening.copies()))
    evening.require_nothing_lost(lost=0.3, played=1)


@pytest.mark.usefixtures("collector")
def test_a_tab_dies_and_others_send_its_queue_once(
    context: BrowserContext, evening: Evening
) -> None:
    others = [evening.page(context) for _ in range(3)]
    page = evening.page(context)
    page.wait_for_timeout(1500)  # the others have looked for queues, and found none
    page.route(f"{evening.site.collector}/**", lambda route: route.abort())
    play(page, 3)
    seek(page, 10)
    page.wait_for_timeout(2500)
    crash(page)
    assert not evening.copies()
    for other in others:  # all at once
        other.evaluate("() => { setTimeout(() => dispatchEvent(new Event('online')), 1000); }")
    until(lambda: len(evening.copies()) >= 3, others[0])
    others[0].wait_for_timeout(2000)
    evening.require_nothing_lost(lost=A_TICK, played=5)
    assert set(evening.copies().values()) == {1}


def test_the_browser_dies(
    playwright: Playwright, chromium_path: str, tmp_path: Path, evening: Evening,
    settings: Settings,
) -> None:
    """What was played is there when it is started again, long before the first heartbeat."""

    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium_path, args=ARGS)

    with collecting(settings, evening.site, XUESHI_HEARTBEAT_SECONDS="60"):
        _die_and_come_back(start, tmp_path / "profile", evening)
    evening.require_nothing_lost(lost=A_TICK, played=4)


def _die_and_come_back(
    start: Callable[[], BrowserContext], profile: Path, evening: Evening
) -> None:
    page = evening.page(start())
    play(page, 4.5)
    for process in _of_profile(profile):
        os.kill(process, signal.SIGKILL)
    until(lambda: not _of_profile(profile))
    again = start()
    page = evening.page(again)
    until(lambda: bool(evening.copies()), page)
    again.close()


def _of_profile(profile: Path) -> list[int]:
    """The processes of the browser that this test started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"--user-data-dir={profile}".encode() in line.split(b"\0"):
                found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("collector")
def test_the_tab_is_frozen(context: BrowserContext, evening: Evening) -> None:
    """As browsers do it to tabs in the background."""
    page = evening.page(context)
    play(page, 3)
    cdp = context.new_cdp_session(page)
    cdp.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(4)
    cdp.send("Page.setWebLifecycleState", {"state": "active"})
    page.bring_to_front()
    play(page, 2)
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=4.5)


@pytest.mark.usefixtures("collector")
def test_the_computer_sleeps(
    playwright: Playwright, chromium_path: str, tmp_path: Path, evening: Evening
) -> None:
    """Every process of the browser stands still, and the wall clock goes on."""
    profile = tmp_path / "profile"
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium_path, args=ARGS)
    page = evening.page(context)
    play(page, 3)
    asleep = _of_profile(profile)
    for process in asleep:
        os.kill(process, signal.SIGSTOP)
    time.sleep(5)
    for process in asleep:
        os.kill(process, signal.SIGCONT)
    page.wait_for_timeout(2000)
    stop(page)
    flush(page)
    context.close()
    evening.require_nothing_lost(played=4.5)


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("ahead_ms", [-3 * 86_400_000, 3 * 86_400_000])
def test_rule_15_the_clock_is_set(
    context: BrowserContext, evening: Evening, ahead_ms: int
) -> None:
    context.add_init_script(CLOCK)
    page = evening.page(context)
    play(page, 2)
    page.evaluate("ms => { ahead = ms; }", ahead_ms)
    page.wait_for_timeout(3000)
    page.evaluate("() => { ahead = 0; }")
    page.wait_for_timeout(2000)
    stop(page)
    flush(page)
    assert heard(page, "lost") == []
    evening.require_nothing_lost(played=6)


@pytest.mark.usefixtures("collector")
def test_rule_18_a_play_is_renewed_before_it_ends(
    context: BrowserContext, evening: Evening
) -> None:
    """Half its life is over by the wall clock, as after a night's sleep."""
    context.add_init_script(CLOCK)
    page = evening.page(context)
    play(page, 3)
    page.evaluate("() => { ahead = 6.5 * 3600 * 1000; }")
    page.wait_for_function("heard.renewed.length")
    page.wait_for_timeout(3000)
    stop(page)
    flush(page)
    assert (evening.site.plays, len(heard(page, "renewed"))) == (2, 1)
    assert len({session for session, _ in evening.copies()}) == 2
    evening.require_nothing_lost(played=6)


def _opened_long_ago(site: Site, settings: Settings) -> dict[str, Any]:
    """A play whose token has just expired."""
    fresh = open_play(site.collector)
    claims = jwt.decode(fresh["token"], options={"verify_signature": False})
    late = claims | {"exp": claims["opened_at"] // 1000 - 1, "sid": "session-long-ago",
                     "opened_at": claims["opened_at"] - 43_200_000}
    token = jwt.encode(late, settings.secret("token_secret"), "HS256")
    return fresh | {"token": token, "session_id": "session-long-ago"}


@pytest.mark.usefixtures("collector")
def test_rules_16_18_an_expired_play_hands_on_what_was_just_played(
    context: BrowserContext, evening: Evening, settings: Settings
) -> None:
    opened = [_opened_long_ago(evening.site, settings)]
    evening.site.pages["/late"] = ("application/json", lambda: orjson.dumps(opened[0]))
    page = evening.page(context)
    page.evaluate("handle.detach()")
    page.evaluate("""async (endpoint) => {
        const { attach } = await import("/xueshi-player.min.js");
        const play = await (await fetch("/late")).json();
        window.handle = attach(video, { ...play, endpoint,
            renew: async () => (await fetch("/play")).json() });
        for (const name of Object.keys(heard))
            handle.addEventListener(name, ({ detail }) => heard[name].push(detail));
    }""", evening.site.collector)
    play(page, 5)
    stop(page)
    flush(page)
    assert len(heard(page, "renewed")) == 1
    assert heard(page, "lost") == []
    evening.require_nothing_lost(played=4.5)


@pytest.mark.usefixtures("collector")
def test_rule_16_a_whole_evening_offline(context: BrowserContext, evening: Evening) -> None:
    """An hour of heartbeats in the queue, in several posts; none is lost, none comes twice."""
    page = evening.page(context)
    context.route(f"{evening.site.collector}/**", lambda route: route.abort())
    page.evaluate("""() => { for (let i = 0; i < 450; i++)
        handle.answer("no-such-quiz", { question: "x".repeat(200) }); }""")
    page.wait_for_function("handle.pending === 450")
    play(page, 2)
    stop(page)
    context.unroute(f"{evening.site.collector}/**")
    flush(page)
    refused = [event["seq"] for detail in heard(page, "refused") for event in detail["events"]]
    assert (len(refused), len(set(refused))) == (450, 450)
    evening.require_nothing_lost(played=1.5)


def test_retry_after_is_waited_for(
    settings: Settings, site: Site, context: BrowserContext, evening: Evening, collector: Running
) -> None:
    page = evening.page(context)
    posts: list[float] = []

    def later(route: Any) -> None:
        if route.request.method == "POST":
            posts.append(time.monotonic())
        route.fulfill(status=503, body="{}", headers={
            "Retry-After": "3", "Access-Control-Allow-Origin": site.address,
            "Access-Control-Allow-Headers": "authorization,content-type",
            "Access-Control-Expose-Headers": "Retry-After"})

    context.route(f"{site.collector}/v1/events", later)
    play(page, 6)
    assert len(posts) == 2
    assert posts[1] - posts[0] >= 3
    context.unroute(f"{site.collector}/v1/events")
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=5)


def test_a_site_that_is_not_named_can_send_nothing(
    settings: Settings, site: Site, context: BrowserContext, evening: Evening
) -> None:
    """CORS is real here: the same page fails where its origin is not in `cors_origins`."""
    with collecting(settings, site, XUESHI_CORS_ORIGINS='["https://learn.example"]') as collector:
        collector.until_ready()
        page = evening.page(context)
        play(page, 3)
        stop(page)
        page.evaluate("handle.flush()")
        assert page.evaluate("handle.pending") > 0
        assert heard(page, "accepted") == []
        assert not evening.copies()
