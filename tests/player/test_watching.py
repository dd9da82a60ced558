"""Rule 9 in real Chromium: what a viewer does with a film, and what the collector hears of it."""

import pytest
from playwright.sync_api import BrowserContext

from pipeline.rules.watching import Verdict
from tests.collector.processes import Running
from tests.player.site import FILM_S
from tests.player.watching import Evening, flush, heard, play, seek, stop

pytestmark = [pytest.mark.kafka, pytest.mark.usefixtures("collector")]


def test_rule_9_seeks_pauses_and_rates(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context)
    play(page, 2.5)
    seek(page, 20)
    page.wait_for_timeout(1500)
    seek(page, 18)  # back to what was not played, until it is
    page.wait_for_timeout(2500)
    play(page, 1.5, rate=2)
    play(page, 1.5, rate=1.25)
    stop(page)
    seek(page, 10)
    page.wait_for_timeout(500)
    play(page, 1)
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=9)
    assert not any(start < 9 < end or start < 15 < end for start, end in evening.stretches())
    rates = {rate for batch in evening.told() for rate in batch.rate}
    assert rates == {100, 125, 200}


def test_rules_9_17_to_the_end_at_16(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context)
    page.evaluate("video.playbackRate = 16; video.play()")
    page.wait_for_function("video.ended")
    page.wait_for_function("handle.pending === 0 && heard.accepted.length > 0")  # by itself
    stop(page)
    duration = page.evaluate("video.duration")
    assert duration == pytest.approx(FILM_S, abs=0.1)
    told = evening.stretches()
    assert min(told)[0] <= 0.05
    assert max(end for _, end in told) == pytest.approx(duration, abs=0.01)
    evening.require_told(played=FILM_S - 1, edges=5)
    assert Verdict.NO_TIME_LEFT in evening.verdicts()  # rule 17: paid at the highest rate


def test_rule_9_a_loop(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context, loop="1")
    seek(page, FILM_S - 2)
    play(page, 5)
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=4)
    assert max(end for _, end in evening.stretches()) >= page.evaluate("video.duration") - 0.05


def test_rule_9_a_stall(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context, film="/slow.webm")
    waits = page.evaluate("""() => { window.waits = 0;
        video.addEventListener("waiting", () => window.waits++); }""")
    play(page, 10, rate=2)
    stop(page)
    flush(page)
    waits = page.evaluate("waits")
    assert waits > 0, "it did not stall"
    evening.require_nothing_lost(played=8, edges=3)
    media_ms = sum(end - start for start, end in evening.stretches()) * 1000
    assert media_ms < 2 * 10_500


def test_rules_9_16_a_background_tab_goes_on(context: BrowserContext, evening: Evening) -> None:
    page = evening.page(context)
    play(page, 2)
    other = context.new_page()
    other.goto(f"{evening.site.address}/empty")
    other.bring_to_front()
    page.wait_for_timeout(3000)
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=4.5)


def test_rule_8_a_quiz_comes_after_what_was_played_before_it(
    context: BrowserContext, evening: Evening
) -> None:
    page = evening.page(context)
    play(page, 1)
    page.evaluate("""handle.answer("q1", {"1": "A"})""")
    page.wait_for_timeout(1000)
    stop(page)
    flush(page)
    (refused,) = heard(page, "refused")  # this resource has no quiz
    assert refused["errors"][0]["type"] in ("unknown_quiz", "quiz_of_another_resource")
    (asked,) = refused["events"]
    accepted = [event for detail in heard(page, "accepted") for event in detail["events"]]
    position = max(one["to"] for one in accepted if one["seq"] < asked["seq"])
    assert all(one["from"] >= position for one in accepted if one["seq"] > asked["seq"])
    evening.require_nothing_lost(played=1.5)


def test_heartbeats_come_as_the_server_says(
    context: BrowserContext, evening: Evening, collector: Running
) -> None:
    page = evening.page(context)
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.method) if "/v1/events" in one.url else None)
    play(page, 7)
    assert 2 <= posts.count("POST") <= 4
    stop(page)
    flush(page)
    evening.require_nothing_lost(played=6)
