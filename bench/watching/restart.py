"""How long a worker takes to be what one was that was killed in the evening.

It has to read the states back, and to decide again whatever of the input was decided, but had not
had its turn to be written into them (ADR 27). The watching agent alone, as in `run`.
"""

import asyncio
import signal
from typing import Any, NamedTuple

from bench.watching.growth import Stocked, stocked
from bench.watching.load import Asked
from bench.watching.process import Cost
from bench.watching.track import Track
from bench.watching.worker import decide, read_back_s
from pipeline.agents.changelog import restore
from pipeline.agents.shard import Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.rules.programme_file import load_catalogue
from pipeline.schemas.topics import TELEMETRY, WATCHING_CHANGELOG
from pipeline.settings import Settings

KILLED = -signal.SIGKILL


class Restart(NamedTuple):
    """`again`: events that some state lacked, reckoned from records; `read_back_s`: seconds until
    it owned the partitions, and `cost` that of the second worker from its start to its end.
    """

    teachers: int
    events: int
    again: int
    read_back_s: float
    cost: Cost
    fault: str | None

    def __str__(self) -> str:
        return (f"{self.teachers:,} teachers, {self.again:,} of {self.events:,} events decided "
                f"again: back in {self.read_back_s:.1f} s, {self.cost.until_ready_s:.1f} "
                f"CPU-seconds, {self.cost.memory_mb:,.0f} MiB"
                + (f", void: {self.fault}" if self.fault else ""))


def measure(base: Settings, asked: Asked, heartbeats: int, patience_s: float) -> Restart:
    """Let a worker decide the evening, kill it, and start another. Raises BrokerError."""
    with stocked(base, asked, heartbeats, patience_s) as stock:
        track = stock.track
        _, killed = decide(track, "killed", alone=True, end=signal.SIGKILL)
        unwritten = asyncio.run(_unwritten(track))
        command, cost = decide(track, "restarted", alone=True)
        events = track.truth.whole.events
        return Restart(asked.teachers, events, round(unwritten * events),
                       read_back_s(command.log), cost, _fault(stock, killed, cost))


async def _unwritten(track: Track) -> float:
    """The share of the load's records of which some state does not know yet."""
    settings, unwritten = track.settings, 0
    codec = viewer_codec(load_catalogue(settings.programmes_dir).clock)
    topic = settings.topic(WATCHING_CHANGELOG.name)
    for partition in range(settings.partitions):
        table = await restore(track.kafka, topic, partition, {})
        shard = Shard(partition, settings.partitions, settings.buckets, codec, table)
        whole = shard.positions.get(TELEMETRY.name, 0)
        unwritten += shard.decided.get(TELEMETRY.name, 0) - whole
    return unwritten / sum(track.truth.whole.ends.values())


def _fault(stock: Stocked, killed: Cost, cost: Cost) -> str | None:
    """What the two have found together must be what is true."""
    if (killed.code, cost.code) != (KILLED, 0):
        return f"exit codes {killed.code} and {cost.code}"
    return stock.fault()


def told(one: Restart) -> dict[str, Any]:
    """All that was measured."""
    return {"teachers": one.teachers, "events": one.events, "again": one.again,
            "read_back_s": one.read_back_s, "fault": one.fault, **one.cost._asdict()}
