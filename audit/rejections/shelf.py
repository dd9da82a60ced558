"""Where rejections are looked up: the topics `rejections` and `replays` of one Kafka."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from audit.evidence import Stored, stored
from audit.rejections.records import Found, Once, found, whole
from audit.rejections.selection import CLOCK_AHEAD_MS, Place, PlaceError, Wanted
from audit.rejections.topic import newest_first, record_at
from pipeline.broker.errors import BrokerError
from pipeline.broker.topics import end_offsets
from pipeline.schemas.rejections import Identity, Rejection
from pipeline.schemas.replays import Replay
from pipeline.schemas.topics import REJECTIONS, REPLAYS, TELEMETRY
from pipeline.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of its methods raise BrokerError where Kafka does not answer or lacks a topic."""

    settings: Settings
    bootstrap: str

    def oldest_first(self, wanted: Wanted) -> Iterator[Found]:
        """What is wanted, part by part, repeats included."""
        return filter(wanted.has, self._since(wanted.stored_since))

    def newest_first(self, wanted: Wanted, read: Callable[[Found], T]) -> Iterator[T]:
        """What `read` makes of what is wanted; part by part, repeats included."""

        def wanted_only(record: Stored) -> T | None:
            one = self._found(record)
            return read(one) if wanted.has(one) else None

        return newest_first(self.bootstrap, self._topic, wanted.stored_since, wanted_only)

    def at(self, place: Place) -> list[Found]:
        """What was refused at the place, whole and each once, in its order.

        Raises:
            PlaceError: nothing was.
        """
        found = list(self._numbered(place) if place.is_number else self._refused_at(place))
        if not found:
            raise PlaceError(f"nothing is on record as refused at {place}")
        return found

    def _numbered(self, place: Place) -> Iterable[Found]:
        record = record_at(self.bootstrap, self._topic, place.partition, place.offset)
        if record is None:
            return []
        one = self._found(record)
        if one.rejection.parts == 1:
            return [one]
        place = Place(one.rejection.topic, one.rejection.partition, one.rejection.offset)
        return (other for other in self._refused_at(place)
                if other.rejection.identity == one.rejection.identity)

    def _refused_at(self, place: Place) -> Iterator[Found]:
        records = self._since(self._not_before(place))
        once = Once()
        for one in whole(one for one in records if _is_at(one.rejection, place)):
            if once.is_new(one.rejection.identity):
                yield one

    def _not_before(self, place: Place) -> int | None:
        """A record is refused after it was stored, so only what came since needs to be read."""
        if place.partition < 0:
            return None
        topic = self.settings.topic(place.topic)
        record = record_at(self.bootstrap, topic, place.partition, place.offset)
        return max(0, record.at - CLOCK_AHEAD_MS) if record else None

    def require_partitions(self) -> None:
        """Where a teacher lives is computed, so the settings must be those of the topics."""
        topic = self.settings.topic(TELEMETRY.name)
        there = len(end_offsets(self.bootstrap, topic))
        if there != self.settings.partitions:
            raise BrokerError(f"{topic} has {there} partitions, not {self.settings.partitions}: "
                              f"set XUESHI_PARTITIONS={there}")

    def replays(self) -> Iterator[Replay]:
        """What was put back so far, in order."""
        for record in stored(self.bootstrap, self.settings.topic(REPLAYS.name)):
            try:
                yield Replay.model_validate_json(record.value or b"")
            except ValidationError:  # not ours to judge, and a replay too much is harmless
                continue

    def replays_of(self, identities: Collection[Identity]) -> dict[Identity, list[Replay]]:
        """What was put back of these, in order."""
        found: dict[Identity, list[Replay]] = {}
        for replay in self.replays():
            if replay.identity in identities:
                found.setdefault(replay.identity, []).append(replay)
        return found

    def _since(self, since: int | None) -> Iterator[Found]:
        return map(self._found, stored(self.bootstrap, self._topic, None, since))

    def _found(self, record: Stored) -> Found:
        return found(record, self.settings.topic_prefix)

    @property
    def _topic(self) -> str:
        return self.settings.topic(REJECTIONS.name)


def _is_at(rejection: Rejection, place: Place) -> bool:
    return place == Place(rejection.topic, rejection.partition, rejection.offset)
