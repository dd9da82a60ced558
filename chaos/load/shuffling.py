"""Records out of order and repeated, in a way that leaves the truth exactly known.

What is shuffled is **strands**. A strand is one play session of a teacher, or several that were
open at the same time; its events keep their order. Each strand is held back by a delay of its
own, so strands of one teacher overtake and interleave one another at random. Why that changes
nothing, neither credit nor a single refusal, cheats included:

- A claim may only spend time between its session's opening and its receive time plus the slack
  (rule 16). Two strands of a teacher are more than the slack apart, so no moment can be spent by
  both: whatever comes first, each strand finds its own time as it would alone. Sessions that
  are open together do compete for time, and the order of arrival decides who gets it; that is
  why they are one strand. (Whoever watches at school with the player at home open, and whose
  posts arrive the other way round, is refused time: ADR 3 spends the earliest free time first.)
- What must follow a quiz is told by receive time across sessions and by number within (rule 8),
  never by the order of arrival.
- Nothing arrives later than LATEST_MS behind the teacher's newest event: less than the day after
  which workers forget (MEMORY_MS in rules/watching.py), so nothing is too old, and a repeat is
  known as one.

A record that is delivered again holds only events that were delivered in it before.
"""

import random
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from pipeline.schemas.partitioning import partition_of
from simulator.bulk import Arrival, Batch
from simulator.human import HOUR, SECOND

APART_MS = 30 * SECOND
"""The largest slack the simulator plays under (simulator/catalogue.py)."""

HELD_BACK_MS = 16 * HOUR
AGAIN_WITHIN_MS = 6 * HOUR
LINGER_MS = HOUR
LATEST_MS = HELD_BACK_MS + AGAIN_WITHIN_MS + LINGER_MS
TIMES = (1, 1, 1, 2, 2, 3)
"""How often a record is delivered, each as likely as the others."""


class Delivery(NamedTuple):
    """One delivery of one telemetry record. `at` orders them (virtual epoch ms); `events` in it."""

    at: int
    partition: int
    value: bytes
    events: int


class Sent(NamedTuple):
    """A post that is sent at `at`, whenever it was received."""

    at: int
    arrival: Arrival


def deliveries(
    arrivals: Iterable[Arrival], partitions: int, batch_events: int, rng: random.Random
) -> list[Delivery]:
    """All deliveries in their order: shuffled, packed by partition, 1 to 3 times each."""
    sent = sorted(shuffled(arrivals, rng), key=lambda one: one.at)
    once = packed(sent, partitions, batch_events)
    return sorted((again for one in once for again in _repeated(one, rng)),
                  key=lambda delivery: delivery.at)


def shuffled(arrivals: Iterable[Arrival], rng: random.Random) -> Iterator[Sent]:
    """Each arrival with the moment at which it is sent; not in order of it."""
    by_teacher = sorted(arrivals, key=lambda arrival: arrival.teacher_id)  # stable
    for _, some in groupby(by_teacher, key=lambda arrival: arrival.teacher_id):
        for strand in strands(list(some)):
            delay = rng.randrange(HELD_BACK_MS)
            yield from (Sent(arrival.at + delay, arrival) for arrival in strand)


def strands(arrivals: list[Arrival]) -> list[list[Arrival]]:
    """One teacher's arrivals by strand, each in its order."""
    sessions: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        sessions.setdefault(arrival.session_id, []).append(arrival)
    of_session: dict[str, int] = {}
    number, open_until = -1, -1
    for id_, some in sorted(sessions.items(), key=lambda item: item[1][0].opened_at):
        if some[0].opened_at > open_until:
            number += 1
        of_session[id_] = number
        open_until = max(open_until, some[-1].at + APART_MS)
    found: list[list[Arrival]] = [[] for _ in range(number + 1)]
    for arrival in arrivals:
        found[of_session[arrival.session_id]].append(arrival)
    return found


def packed(sent: Iterable[Sent], partitions: int, batch_events: int) -> Iterator[Delivery]:
    """Records of about `batch_events` events, of posts that are sent within LINGER_MS."""
    waiting: dict[int, tuple[int, Batch]] = {}
    for at, arrival in sent:
        partition = partition_of(arrival.teacher_id, partitions)
        first_at, batch = waiting.get(partition, (at, None))
        if batch is None or at - first_at > LINGER_MS or _events(batch) >= batch_events:
            if batch is not None:
                yield _delivery(first_at, partition, batch)
            first_at, batch = waiting[partition] = (at, Batch(at))
        batch.add(arrival)
    yield from (_delivery(at, partition, batch) for partition, (at, batch) in waiting.items())


def _events(batch: Batch) -> int:
    return len(batch.beats) + len(batch.quizzes)


def _delivery(at: int, partition: int, batch: Batch) -> Delivery:
    return Delivery(at, partition, batch.to_packed(), _events(batch))


def _repeated(once: Delivery, rng: random.Random) -> Iterator[Delivery]:
    yield once
    for _ in range(rng.choice(TIMES) - 1):
        yield once._replace(at=once.at + rng.randrange(1, AGAIN_WITHIN_MS))


