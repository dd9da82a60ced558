"""Loads are steered by shares: quickly up to a fault, slowly during it, and then to their end."""

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from chaos.load import Expected, Load
from chaos.load.load import Sent
from chaos.load.pacing import Pace
from chaos.loads import Loads
from pipeline.settings import Settings
from simulator.world import World, make_world

EVENTS = 1000


@dataclass(slots=True)
class Counting:
    """A source that sends nothing, and counts it."""

    pace: Pace = field(default_factory=lambda: Pace(1.0))
    total: int = EVENTS

    def play(self, sent: Sent, stopping: threading.Event) -> None:
        for _ in range(EVENTS):
            self.pace.wait_here(1, stopping)
            sent.events += 1

    def conditions(self) -> list[str]:
        return []

    def expected(self) -> Expected:
        return Expected(frozenset(), Counter())


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Settings(), 2, 1, 10)


@pytest.fixture
def loads(world: World, monkeypatch: pytest.MonkeyPatch) -> Loads:
    monkeypatch.setattr("chaos.load.load.enrol_late", lambda *_: 0)
    return Loads((Load(Settings(), world, Counting()), Load(Settings(), world, Counting())))


def test_both_reach_a_share_soon_and_hardly_go_on(loads: Loads) -> None:
    for load in loads.each:
        load.start()
    loads.each[0].change_rate(None)
    loads.each[0].wait(10)
    begun = time.monotonic()
    loads.reach(0.2)
    took = time.monotonic() - begun
    assert 0.2 <= loads.each[1].share() < 0.3
    assert took == pytest.approx(4.0, abs=1.5), "a twentieth a second"
    loads.last(1000)
    time.sleep(0.5)
    assert loads.share() < 0.3
    assert loads.running()
    loads.hurry()
    loads.wait(10)
    assert loads.share() == 1.0
    assert loads.sent().events == 2 * EVENTS


def test_who_waits_already_goes_on_at_the_new_pace() -> None:
    pace = Pace(0.01)

    async def wait() -> float:
        await pace.wait(1)
        begun = time.monotonic()
        waiting = asyncio.create_task(pace.wait(1))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        pace.change(100.0)
        await waiting
        return time.monotonic() - begun

    assert asyncio.run(wait()) < 1.0


def test_a_change_does_not_let_through_what_was_not_due() -> None:
    pace = Pace(1000.0)
    assert pace.due_in_s(500) == 0
    pace.change(10.0)
    assert pace.due_in_s(1) == pytest.approx(50.0, abs=2.0), "500 are sent, some are due"
