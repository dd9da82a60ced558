"""How long the path needs after each fault until it has dealt with all that stood there."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from kafka.errors import KafkaError

from chaos.group import Group
from demo.draining import LOADED, published_offsets
from pipeline.broker import lag
from pipeline.broker.errors import BrokerError

LOOK_S = 0.5
MARK_PATIENCE_S = 30.0
Offsets = Mapping[lag.Position, int]


@dataclass(slots=True)
class Mark:
    """The ends of all topics when a fault was over, and what is still missing of them."""

    fault: str
    begun: float
    decided: Offsets
    published: Offsets
    took_s: float | None = None


@dataclass(slots=True)
class CatchingUp:
    """Marks that are set at each fault's end, and met by and by."""

    group: Group
    marks: list[Mark] = field(default_factory=list)

    def mark(self, fault: str) -> None:
        """The fault is over: from now on it counts. Raises BrokerError if Kafka stays away."""
        begun = time.monotonic()
        while True:
            try:
                self.marks.append(Mark(fault, begun, *self._ends()))
                return
            except BrokerError:
                if time.monotonic() - begun > MARK_PATIENCE_S:
                    raise
                time.sleep(LOOK_S)

    def _ends(self) -> tuple[Offsets, Offsets]:
        topics = map(self.group.settings.topic, LOADED)
        return self.group.ends(), lag.ends(self.group.bootstrap, topics)

    def look(self) -> None:
        """Note which marks are met by now."""
        waiting = [mark for mark in self.marks if mark.took_s is None]
        if not waiting:
            return
        committed = self.group.committed()
        published = published_offsets(self.group.settings)
        now = time.monotonic()
        for mark in waiting:
            if _past(mark.decided, committed) and _past(mark.published, published):
                mark.took_s = now - mark.begun

    def seconds(self) -> dict[str, float | None]:
        """Fault → seconds; None where it never did."""
        return {mark.fault: mark.took_s for mark in self.marks}


def _past(ends: Offsets, done: Offsets) -> bool:
    return all(done.get(place, 0) >= end for place, end in ends.items())


@contextmanager
def watching(group: Group) -> Iterator[CatchingUp]:
    """Looks on in a thread for as long as the block runs."""
    catching_up, over = CatchingUp(group), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            try:
                catching_up.look()
            except (BrokerError, KafkaError, OSError):  # Kafka is away: a fault at work
                continue

    thread = threading.Thread(target=look, name="catching-up", daemon=True)
    thread.start()
    try:
        yield catching_up
    finally:
        over.set()
        thread.join()
