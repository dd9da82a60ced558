"""What the loader says of itself while it runs: its offsets, and when it last committed.

Nothing can be read in the warehouse beside it, so its own `/metrics` tell: which offsets are
committed, and at which moment, to the millisecond, that was. Reading them every quarter of a second
takes little of it, and is often enough for a loader that lands every two.
"""

import re
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import httpx

from pipeline.broker.lag import Position

LOOK_S = 0.25
OFFSET = re.compile(
    r'^xueshi_loader_next_offset\{(?=.*topic="([^"]+)")(?=.*partition="(\d+)").*\} (\S+)$', re.M)
LANDED = re.compile(r"^xueshi_loader_landed_timestamp_seconds (\S+)$", re.M)


class Sighting(NamedTuple):
    """`offsets`: what is read next, so all before is committed; `landed_at`: since when, epoch
    milliseconds, 0 before the first landing.
    """

    landed_at: int
    offsets: Mapping[Position, int]


def seen(text: str) -> Sighting:
    """A sighting in the metrics' text."""
    landed = LANDED.search(text)
    return Sighting(round(float(landed[1]) * 1000) if landed else 0,
                    {(topic, int(partition)): int(float(offset))
                     for topic, partition, offset in OFFSET.findall(text)})


@dataclass
class Looker:
    """Looks at the loader whose metrics are at `port`."""

    port: int
    found: list[Sighting] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def last(self) -> Sighting:
        return self.found[-1] if self.found else Sighting(0, {})

    def look_for_ever(self) -> None:
        with httpx.Client(timeout=5.0) as client:
            while not self._stop.wait(LOOK_S):
                if sighting := _look(client, self.port):
                    self.found.append(sighting)

    def stop(self) -> None:
        self._stop.set()


def _look(client: httpx.Client, port: int) -> Sighting | None:
    """None if it does not answer, as it has just been started."""
    try:
        return seen(client.get(f"http://127.0.0.1:{port}/metrics").text)
    except httpx.HTTPError:
        return None


@contextmanager
def looking(port: int) -> Iterator[Looker]:
    """Look as long as the block runs."""
    looker = Looker(port)
    thread = threading.Thread(target=looker.look_for_ever, daemon=True)
    thread.start()
    try:
        yield looker
    finally:
        looker.stop()
        thread.join()


class Commits:
    """When the records of a topic were committed, as the sightings show.

    A sighting may be taken in the very moment of a landing, with the offsets after it and the time
    before it, or the other way round. So the time is taken from the sighting after the first one
    that has the offset: never too early.
    """

    def __init__(self, topic: str, sightings: Sequence[Sighting]) -> None:
        self._landings: dict[int, tuple[list[int], list[int]]] = {}
        for earlier, later in pairwise(sightings):
            for (name, partition), offset in earlier.offsets.items():
                offsets, moments = self._landings.setdefault(partition, ([], []))
                if name == topic and (not offsets or offset > offsets[-1]):
                    offsets.append(offset)
                    moments.append(later.landed_at)

    def at(self, partition: int, offset: int) -> int | None:
        """Epoch milliseconds; None if it has not been seen."""
        offsets, moments = self._landings.get(partition, ([], []))
        place = bisect_right(offsets, offset)
        return moments[place] if place < len(moments) else None
