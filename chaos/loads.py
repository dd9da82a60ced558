"""The two loads of a run as one: over HTTP, and straight to Kafka."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chaos.load import Expected, Load, Order, http_load, kafka_load
from chaos.load.load import Sent
from pipeline.settings import Settings
from simulator.truth import TeacherTruth

OVER_HTTP, TO_KAFKA = "h", "k"
QUICK, SLOW = 0.05, 0.0005  # shares of the whole a second
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Loads:
    """Both loads; each has teachers of its own."""

    each: tuple[Load, ...]

    @property
    def truth(self) -> list[TeacherTruth]:
        return [teacher for load in self.each for teacher in load.truth]

    def share(self) -> float:
        """How much the slower one has sent, 0 to 1."""
        return min(load.share() for load in self.each)

    def sent(self) -> Sent:
        """What has been sent so far, of both together."""
        each = [load.sent for load in self.each]
        return Sent(*(sum(getattr(one, name) for one in each)
                      for name in ("events", "records", "posts", "sent_again")))

    def reach(self, share: float) -> None:
        """Let each go on quickly until it has sent so much; the others wait for it."""
        while lagging := [one for one in self.each if one.running() and one.share() < share]:
            for one in self.each:
                one.change_rate(QUICK if one in lagging else SLOW)
            time.sleep(LOOK_S)

    def last(self, seconds: float) -> None:
        """Let what is left of each last for about so long."""
        for one in self.each:
            one.change_rate(max(SLOW, (1 - one.share()) / seconds))

    def hurry(self) -> None:
        """Let the rest go as fast as it can."""
        for one in self.each:
            one.change_rate(None)

    def running(self) -> bool:
        return any(load.running() for load in self.each)

    def wait(self, timeout_s: float) -> None:
        """Raises TimeoutError or LoadError."""
        for load in self.each:
            load.wait(timeout_s)

    def conditions(self) -> list[str]:
        """What is wrong all the time, a line each."""
        return [line for one in self.each for line in one.source.conditions()]

    def expected(self) -> list[Expected]:
        return [load.expected() for load in self.each]


def make_loads(
    settings: Settings, collectors: Sequence[str], seed: int, teachers: int, heartbeats: int
) -> Loads:
    """Half of the teachers over HTTP and half to Kafka.

    Raises:
        CatalogueError, TooFewVideosError: the programmes cannot be simulated like that.
    """
    order = Order(max(1, teachers // 2), heartbeats // 2, seed)
    return Loads((http_load(settings, collectors, replace(order, prefix=OVER_HTTP)),
                  kafka_load(settings, replace(order, prefix=TO_KAFKA))))


@contextmanager
def playing(loads: Loads) -> Iterator[None]:
    """Registered and started, slowly; given up if the block fails."""
    for load in loads.each:
        load.register()
    for load in loads.each:
        load.change_rate(SLOW)
        load.start()
    try:
        yield
    finally:
        for load in loads.each:
            load.stop()
