"""Would what is put back be refused again? Tried with the agents' own code on empty state."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from audit.rejections.putting_back import OF_THE_RULES, Sending
from pipeline.agents.crediting import BOOK_CODEC, READ, Crediting
from pipeline.agents.rejecting import Refused
from pipeline.agents.shard import Codec, S, Shard
from pipeline.agents.viewer_codec import viewer_codec
from pipeline.agents.watching import TAKEN, Watching
from pipeline.rules.programme import Catalogue
from pipeline.schemas.rejections import Reason
from pipeline.schemas.topics import LEDGER, ROSTER_TOPIC, TELEMETRY
from pipeline.settings import Settings
from warehouse.batch import Batch, Names

# Verdicts that come only after whatever a fix could mend.
BEYOND = frozenset(map(str, TAKEN | OF_THE_RULES))


class Record(NamedTuple):
    """A record as the loader gets it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class NoReaderError(Exception):
    """No process decides on records of this topic."""


@dataclass(frozen=True, slots=True)
class Trial:
    """This build with these programme files, which the running processes should have as well."""

    settings: Settings
    catalogue: Catalogue

    def refuses(self, sending: Sending) -> Reason | None:
        """Why all of it would be refused again; None if some of it would get further. What the
        rules say then depends on the teacher's state.

        Raises:
            NoReaderError: it is a topic that nobody reads.
        """
        if sending.topic == TELEMETRY.name:
            return self._watching(sending)
        if sending.topic in READ:
            return self._crediting(sending)
        if sending.topic in (LEDGER.name, ROSTER_TOPIC.name):
            return self._loader(sending)
        raise NoReaderError(sending.topic)

    def _watching(self, sending: Sending) -> Reason | None:
        counts: Counter[str] = Counter()
        agent = Watching(self.catalogue, "", counts)
        shard = self._shard(viewer_codec(self.catalogue.clock), sending)
        refused = agent.take(shard, sending.topic, sending.value)
        as_a_whole = any(one.raw == sending.value for one in refused)
        return None if BEYOND & counts.keys() and not as_a_whole else _reason(refused)

    def _crediting(self, sending: Sending) -> Reason | None:
        shard = self._shard(BOOK_CODEC, sending)
        return _reason(Crediting(self.catalogue, "").take(shard, sending.topic, sending.value))

    def _loader(self, sending: Sending) -> Reason | None:
        names = Names.of(self.settings)
        batch = Batch(names)
        topic = self.settings.topic(sending.topic)
        batch.take(Record(topic, sending.partition, 0, sending.key, sending.value), at=0)
        return batch.refused[0].reason if batch.refused else None

    def _shard(self, codec: Codec[S], sending: Sending) -> Shard[S]:
        return Shard(sending.partition, self.settings.partitions, 1, codec, {})


def _reason(refused: list[Refused]) -> Reason | None:
    return refused[0].reason if refused else None
