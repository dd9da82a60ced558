"""Clocks that are wrong: two collectors' by seconds, a client's by a day (rules 15, 16)."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from itertools import cycle

import pytest

from pipeline.collector.arrival import HEADER
from pipeline.rules.programme import Catalogue
from pipeline.rules.watching import Heartbeat, Viewer, hear
from pipeline.settings import Settings
from tests import hostile
from tests.collector.conftest import DURATION_MS
from tests.collector.memory import Memory
from tests.collector.serving import NOW, Client, serving

BEAT_S = 15
BEATS = DURATION_MS // 1000 // BEAT_S
DAY_S = 86_400


@dataclass(slots=True)
class Wrong:
    """A clock that is wrong by `by_ms`; `now` is what it should say."""

    by_ms: int
    now: int = NOW

    def __call__(self) -> int:
        return self.now + self.by_ms


def beats(memory: Memory) -> Iterator[Heartbeat]:
    """What Kafka has, as the watching agent sees it."""
    for batch in memory.batches():
        for row in zip(batch.resource_id, batch.session_id, batch.opened_at, batch.seq,
                       batch.received_at, batch.start, batch.end, batch.rate, strict=True):
            yield Heartbeat(*row)


def beat(number: int, **more: object) -> bytes:
    return hostile.post(hostile.beat(seq=number + 1, to=BEAT_S * (number + 1.0),
                                     **{"from": BEAT_S * float(number)}, **more))


@pytest.mark.parametrize("apart_ms", [0, 3000, 9000])
@pytest.mark.parametrize("opened_fast", [True, False])
def test_rule_16_collectors_apart_by_less_than_the_slack_take_no_minute_from_anyone(
    offline: Settings, catalogue: Catalogue, apart_ms: int, opened_fast: bool
) -> None:
    """A play opened at one, its heartbeats at both in turn, each when it was played."""
    assert apart_ms < catalogue.clock.slack_ms
    memory = Memory(offline)
    fast, slow = Wrong(apart_ms), Wrong(0)

    async def play(at_fast: Client, at_slow: Client) -> None:
        doors = cycle((at_fast, at_slow) if opened_fast else (at_slow, at_fast))
        token = (await next(doors).open())["token"]
        for number in range(BEATS):
            fast.now = slow.now = NOW + (number + 1) * BEAT_S * 1000
            assert (await next(doors).post(token, beat(number))).status_code == 202

    async def main() -> None:
        async with (serving(offline, catalogue, memory, fast) as at_fast,
                    serving(offline, catalogue, memory, slow) as at_slow):
            await play(at_fast, at_slow)

    asyncio.run(main())
    viewer = Viewer()
    verdicts = {hear(viewer, catalogue, one, []) for one in beats(memory)}
    assert {str(verdict) for verdict in verdicts} == {"accepted"}
    assert viewer.videos[hostile.RESOURCE].watched_ms == DURATION_MS
    stamps = {one.received_at - NOW - one.seq * BEAT_S * 1000 for one in beats(memory)}
    assert stamps == {0, apart_ms}, "each collector stamps by its own clock"


@pytest.mark.parametrize("wrong_s", [0, -DAY_S, DAY_S])
def test_rule_15_a_clients_clock_changes_nothing(
    offline: Settings, catalogue: Catalogue, wrong_s: int
) -> None:
    memory, said = Memory(offline), (NOW + wrong_s * 1000) // 1000

    async def main() -> None:
        async with serving(offline, catalogue, memory) as client:
            token = (await client.open())["token"]
            body = json.loads(beat(0, at=said, received_at=said * 1000, time=said))
            body |= {"sent_at": said, "received_at": said * 1000}
            answer = await client.http.post("/v1/events", content=json.dumps(body), headers={
                "Authorization": f"Bearer {token}", "Date": formatdate(said, usegmt=True)})
            assert answer.status_code == 202
            # The one header that is believed in a simulation is refused outside of it.
            claimed = await client.post(token, beat(1), at=said * 1000)
            assert (claimed.status_code, HEADER in claimed.text) == (400, True)

    asyncio.run(main())
    [one] = beats(memory)
    assert (one.received_at, one.opened_at) == (NOW, NOW)
