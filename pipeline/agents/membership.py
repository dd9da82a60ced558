"""The worker's place in Kafka's consumer group: which partitions are its own, and what it commits.

Faust keeps both, and would bring the records as well, one by one at a quarter of a millisecond
each. Here it brings none: an agent reads its input itself, by the batch (inputs.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP

NOTHING = {TP("", 0)}
Flushed = dict[TP, int]
"""Up to where the records of a partition are decided and flushed."""


class Member(Consumer):
    """Stays in the group, polls so that Kafka sees it alive, and commits what is flushed."""

    transport: "Membership"

    async def _getmany(self, active_partitions: Any, timeout: float) -> Mapping[Any, Any]:
        found: Mapping[Any, Any] = await super()._getmany(NOTHING, timeout)
        return found

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> Flushed:
        """`tps` is what Faust's streams have acknowledged; there are none."""
        own = self.assignment()
        return {place: offset for place, offset in self.transport.flushed.items()
                if place in own and self._should_commit(place, offset)}

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust would complain that it was brought no records."""


class Membership(Transport):
    """Faust's way to Kafka, with a Member for a consumer."""

    Consumer = Member

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flushed: Flushed = {}
