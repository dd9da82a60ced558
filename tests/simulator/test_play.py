"""The whole simulation through the real collector into a real Kafka."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import uvicorn

from pipeline.clock import now_ms
from pipeline.collector.app import create_collector
from pipeline.collector.kafka import Kafka
from pipeline.collector.publishing import Publisher
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.telemetry import TelemetryBatch
from pipeline.settings import Settings
from simulator.comparison import compare
from simulator.http_player import CollectorAwayError, Tally
from simulator.play import PlayResult, play
from simulator.world import make_world
from tests.simulator.deciding import decide, of_batch
from tests.simulator.reading import read_topic

TEACHERS, SEED, HEARTBEATS = 100, 3, 30_000

pytestmark = pytest.mark.kafka


@contextlib.asynccontextmanager
async def collecting(settings: Settings) -> AsyncIterator[str]:
    """The real collector, at the port of the settings; its URL."""
    publisher = Publisher(settings, Kafka(str(settings.kafka_bootstrap_servers), 10.0))
    app = create_collector(settings, load_catalogue(settings.programmes_dir), publisher, now_ms)
    server = uvicorn.Server(uvicorn.Config(
        app, port=settings.collector_port, log_config=None, access_log=False, ws="none"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{settings.collector_port}"
    finally:
        server.should_exit = True
        await running


def played(settings: Settings, seen: list[int]) -> PlayResult:
    async def run() -> PlayResult:
        async with collecting(settings) as url:
            return await play(settings, url, TEACHERS, SEED, HEARTBEATS,
                              lambda tally: seen.append(tally.heartbeats))

    return asyncio.run(run())


@pytest.fixture
def simulating(settings: Settings) -> Settings:
    return settings.model_copy(update={"simulation": True})


def test_every_answer_is_the_expected_one_and_the_rules_find_the_truth(
    simulating: Settings, kafka: str
) -> None:
    seen: list[int] = []
    result = played(simulating, seen)
    tally = result.tally
    assert tally.unexpected == 0, tally.examples
    assert final(tally.statuses) == tally.expected
    assert set(tally.refusals_expected) == {401, 403, 422}
    assert seen[0] == 0
    assert seen[-1] == tally.heartbeats >= HEARTBEATS
    telemetry = [TelemetryBatch.read(value)
                 for _, _, value in read_topic(kafka, simulating.topic("telemetry"))]
    world = make_world(simulating, TEACHERS, SEED, HEARTBEATS)
    actual, verdicts = decide(world, (event for batch in telemetry for event in of_batch(batch)))
    assert compare(result.truth, actual) == []
    assert verdicts["repeated"] > 100
    assert verdicts["no_time_left"] > 100


def final(statuses: Counter[tuple[str, int]]) -> Counter[tuple[str, int]]:
    """Without the answers after which it was sent again."""
    return Counter({key: n for key, n in statuses.items() if key[1] not in (429, 503)})


def test_a_collector_that_is_no_simulation_is_one_clear_error(settings: Settings) -> None:
    with pytest.raises(CollectorAwayError, match="only a collector started for simulation"):
        played(settings, [])


def test_a_tally_knows_its_refusals() -> None:
    tally = Tally(expected=Counter({("events", 202): 9, ("garbage", 422): 3,
                                    ("beyond_the_end", 422): 2, ("forged_token", 401): 1}))
    assert tally.refusals_expected == {422: 5, 401: 1}
