"""How far a consumer group is behind the ends of its topics."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)

from pipeline.broker.topics import connected, end_offsets

PATIENCE_S = 10.0
SOON = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)

Position = tuple[str, int]
"""Full topic name and partition."""


def committed(bootstrap: str, group: str) -> dict[Position, int]:
    """Offsets the group has committed; {} for a group never heard of.

    Raises:
        BrokerError: Kafka does not answer.
    """
    with connected(bootstrap) as admin:
        offsets = patiently(lambda: admin.list_group_offsets({group: None})[group])
    return {(tp.topic, tp.partition): found.offset for tp, found in offsets.items()}


def patiently(ask: Callable[[], Any]) -> Any:
    """What `ask` says. A broker that has just started has no coordinator for the moment in which
    it makes its offsets topic, or reads it.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ask()
        except SOON:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def ends(bootstrap: str, topics: Iterable[str]) -> dict[Position, int]:
    """The next offset of every partition of the topics (full names)."""
    return {(topic, partition): offset for topic in topics
            for partition, offset in end_offsets(bootstrap, topic).items()}


def behind(bootstrap: str, group: str, topics: Iterable[str]) -> int:
    """Records of the topics (full names) that the group has not committed yet."""
    done = committed(bootstrap, group)
    return sum(end - done.get(place, 0) for place, end in ends(bootstrap, topics).items())
