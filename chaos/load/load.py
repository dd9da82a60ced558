"""One load: registered, sent from a thread of its own, waited for."""

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Protocol

from chaos.load.errors import LoadError
from chaos.load.expected import Expected
from chaos.load.pacing import Pace
from pipeline.broker.errors import BrokerError
from pipeline.settings import Settings
from simulator.play import enrol_late, register, truth_of_all
from simulator.truth import TeacherTruth
from simulator.world import World, make_world

AGAIN_S = 1.0
ENROL_PATIENCE_S = 300.0


@dataclass(slots=True)
class Sent:
    """What has been sent so far: events with their repeats; telemetry records or posts, and
    posts that had to be sent again.
    """

    events: int = 0
    records: int = 0
    posts: int = 0
    sent_again: int = 0


class Source(Protocol):
    """Where the events come from, and how they are sent. `total`: of `Sent.events`."""

    @property
    def total(self) -> int: ...

    @property
    def pace(self) -> Pace: ...

    def play(self, sent: Sent, stopping: threading.Event) -> None:
        """Send everything, and count it; returns once it is acknowledged.

        Raises LoadError where that cannot be, or `stopping` is set.
        """

    def conditions(self) -> list[str]:
        """What is wrong with it all the time, for people to read."""

    def expected(self) -> Expected: ...


@dataclass(slots=True)
class Load:
    """`truth` is known beforehand and holds once all is sent; `sent` grows meanwhile.

    Use: `register()` before the load, `start()`, …, `wait(…)`, `expected()`.
    """

    settings: Settings
    world: World
    source: Source
    truth: tuple[TeacherTruth, ...] = field(init=False)
    sent: Sent = field(default_factory=Sent)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)
    _error: Exception | None = None

    def __post_init__(self) -> None:
        self.truth = truth_of_all(self.world)
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def register(self) -> None:
        """Send roster and enrolments. Raises BrokerError."""
        register(self.settings, self._kafka, self.world)

    def start(self) -> None:
        """Begin to send; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Give up what is not sent; truth and expectations do not hold then. Again is fine."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait(self, timeout_s: float) -> None:
        """Until all is sent and acknowledged, late enrolments too.

        Raises:
            TimeoutError: not within `timeout_s`; it goes on.
            LoadError: it failed, or was stopped; the message says why.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"the load is at {self.share():.0%} after {timeout_s:.0f} s")
        if self._error is not None:
            raise LoadError(str(self._error)) from self._error

    def change_rate(self, share_a_second: float | None) -> None:
        """From now on send such a share of the whole a second; None: as fast as it goes."""
        rate = share_a_second * self.source.total if share_a_second else None
        self.source.pace.change(rate)

    def running(self) -> bool:
        """Whether it is still sending."""
        return self._thread.is_alive()

    def share(self) -> float:
        """How much is sent, 0 to 1."""
        return min(1.0, self.sent.events / max(1, self.source.total))

    def expected(self) -> Expected:
        """What must be found; only after `wait`."""
        return self.source.expected()

    @property
    def _kafka(self) -> str:
        return self.settings.kafka_bootstrap_servers or ""

    def _run(self) -> None:
        try:
            self.source.play(self.sent, self._stopping)
            self._enrol_late()
        except Exception as error:  # told to whoever waits
            self._error = error

    def _enrol_late(self) -> None:
        """Enrolled twice is enrolled once, so it may be tried again where Kafka is away."""
        deadline = time.monotonic() + ENROL_PATIENCE_S
        while True:
            try:
                enrol_late(self.settings, self._kafka, self.world)
                return
            except BrokerError as error:
                if self._stopping.wait(AGAIN_S) or time.monotonic() > deadline:
                    raise LoadError(f"late enrolments: {error}") from error


def world_of(
    settings: Settings, teachers: int, seed: int, heartbeats: int, prefix: str
) -> World:
    """The world, with `prefix` before every teacher's id.

    Raises CatalogueError, TooFewVideosError.
    """
    world = make_world(settings, teachers, seed, heartbeats)
    people = tuple(replace(person, id=prefix + person.id) for person in world.population.people)
    return replace(world, population=replace(world.population, people=people))
