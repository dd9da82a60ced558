"""A summer over HTTP through one or several collectors, by clients that never give up."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from chaos.load.doors import Doors
from chaos.load.errors import LoadError
from chaos.load.expected import EventKey, Expected, Refusals
from chaos.load.load import Load, Sent, world_of
from chaos.load.order import Order
from chaos.load.pacing import Pace
from pipeline.settings import Settings
from simulator.actions import Action, Post, Trick
from simulator.door import Door
from simulator.http_player import CollectorAwayError, Tally, connecting, play_through
from simulator.world import World

DAY_MS = 24 * 3600 * 1000
SKEWS_MS = (-1500, 1500)
"""How wrong two collectors' clocks are. Three seconds apart at most: who goes on at another device
after a quiz takes a little longer until the first post from there, and which of two sessions was
earlier is told by the receive time (rule 8)."""

IN = frozenset({Trick.NONE, Trick.CLAIMED_SCORE})


@dataclass(slots=True)
class HttpSource:
    """What all teachers do, through these collectors."""

    settings: Settings
    world: World
    collectors: Sequence[str]
    order: Order
    skews_ms: Sequence[int]
    client_skew_ms: int
    total: int
    pace: Pace
    tally: Tally = field(default_factory=Tally)
    acknowledged: set[EventKey] = field(default_factory=set)

    def play(self, sent: Sent, stopping: threading.Event) -> None:
        """Play all teachers. Raises LoadError."""
        try:
            asyncio.run(self._play(sent, stopping))
        except CollectorAwayError as away:
            raise LoadError(str(away)) from away
        except ExceptionGroup as failures:  # of the players' tasks, which end together
            raise LoadError(str(failures.exceptions[0])) from failures
        if self.tally.unexpected:
            raise LoadError(f"{self.tally.unexpected} answers are not as they have to be:"
                            f" {'; '.join(self.tally.examples[:3])}")

    async def _play(self, sent: Sent, stopping: threading.Event) -> None:
        self.pace.change(self.pace.rate)  # it begins now
        key = self.settings.secret("platform_key")
        async with connecting() as http:
            doors = Doors(
                [(Door(http, url, key), skew)
                 for url, skew in zip(self.collectors, cycle(self.skews_ms), strict=False)],
                self.client_skew_ms, random.Random(self.order.seed), self.pace, sent,
                stopping, self.acknowledged)
            await play_through(doors, self._teachers(), self.tally)

    def _teachers(self) -> Iterator[tuple[str, Iterator[Action]]]:
        """Those with most to do first, so that nobody is left alone at the end."""
        people = sorted(self.world.population.people,
                        key=lambda person: -len(self.world.plan(person).steps))
        return ((person.id, self.world.actions(person)) for person in people)

    def conditions(self) -> list[str]:
        skews = " and ".join(f"{skew / 1000:+.1f}" for skew in self.skews_ms)
        return [f"clients' clocks wrong by ±{self.client_skew_ms / DAY_MS:.0f} day,"
                f" collectors' by {skews} s"]

    def expected(self) -> Expected:
        return Expected(frozenset(self.acknowledged), refused_at_the_door(self.world))


def http_load(
    settings: Settings, collectors: Sequence[str], order: Order,
    skews_ms: Sequence[int] = SKEWS_MS, client_skew_ms: int = DAY_MS,
) -> Load:
    """The load through these collectors (URLs), which run with XUESHI_SIMULATION=true. Their
    clocks are wrong by `skews_ms` in turn, those of the clients by ±`client_skew_ms`. Where a
    collector does not answer, clients go on to the next one, and come back.

    Raises:
        CatalogueError, TooFewVideosError: the programmes cannot be simulated like that.
    """
    world = world_of(settings, order.teachers, order.seed, order.heartbeats, order.prefix)
    total = sum(len(post.events) for post in _posts(world) if post.trick in IN)
    return Load(settings, world, HttpSource(settings, world, collectors, order, skews_ms,
                                            client_skew_ms, total, Pace(order.rate)))


def _posts(world: World) -> Iterator[Post]:
    return (action for person in world.population.people for action in world.actions(person)
            if isinstance(action, Post))


def refused_at_the_door(world: World) -> Refusals:
    """What collectors must have kept of the posts they refuse (rule 19), an event or body each;
    without a right token or for another resource nothing is kept.
    """
    found: Counter[str] = Counter()
    for post in _posts(world):
        if post.trick is Trick.BEYOND_THE_END:
            found["bad_stretch"] += len(post.events)
        elif post.trick is Trick.GARBAGE:
            found["bad_stretch" if b'"to":0.0' in (post.body or b"") else "malformed"] += 1
    return Counter({("collector", reason): count for reason, count in found.items()})
