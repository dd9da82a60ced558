"""The records of the topic `rejections` as rejections: each whole, and each once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from audit.evidence import Stored
from pipeline.schemas.rejections import Identity, Reason, Rejection, joined
from pipeline.schemas.topics import REJECTIONS, TOPICS

COLLECTOR = "collector"
NAMES = frozenset(topic.name for topic in TOPICS)


@dataclass(frozen=True, slots=True)
class Found:
    """A rejection and where its (first) record stands on the topic `rejections`, with the
    broker's stamp in epoch ms. `rejection.topic` is the name in the catalogue.
    """

    number: int
    stored_at: int
    rejection: Rejection


def found(record: Stored, prefix: str) -> Found:
    """The record as a rejection. What cannot be read is itself refused, at its own place, as the
    loader does it.
    """
    try:
        rejection = Rejection.model_validate_json(record.value or b"")
    except ValidationError as error:
        return Found(record.offset, record.at, _unreadable(record, error))
    if (name := short(rejection.topic, prefix)) != rejection.topic:
        rejection = rejection.model_copy(update={"topic": name})
    return Found(record.offset, record.at, rejection)


def _unreadable(record: Stored, error: ValidationError) -> Rejection:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return Rejection(
        reason=Reason.TOMBSTONE if record.value is None else Reason.MALFORMED,
        topic=REJECTIONS.name, partition=record.partition, offset=record.offset,
        at=max(0, record.at), raw=record.value or b"",
        detail=f"not a rejection: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"[:500],
    )


def short(topic: str, prefix: str) -> str:
    """The topic's name in the catalogue: workers write that, the loader the full one."""
    if topic not in NAMES and (name := topic.removeprefix(prefix)) in NAMES:
        return name
    return topic


def kind_of(topic: str) -> str:
    """The topic to count under: what the collector refused has a topic for each session."""
    return COLLECTOR if topic.partition(":")[0] == COLLECTOR else topic


def place_of(rejection: Rejection) -> str:
    """Where the refused record stands: telemetry/3/1042."""
    return f"{rejection.topic}/{rejection.partition}/{rejection.offset}"


@dataclass(slots=True)
class Once:
    """Tells repeats. It holds a hash of 8 bytes of every rejection it has seen, some 80 bytes of
    memory each: a repeat may come at any time, as the log may be decided anew.
    """

    repeats: int = 0
    _seen: set[int] = field(default_factory=set)

    def is_new(self, identity: Identity) -> bool:
        number = hash(identity)
        if number in self._seen:
            self.repeats += 1
            return False
        self._seen.add(number)
        return True


def whole(records: Iterable[Found]) -> Iterator[Found]:
    """Each rejection with all of its raw bytes. One whose parts did not all arrive, as its writer
    was killed, came again later: what is left of it is dropped.

    Holds the parts of those that are not complete.
    """
    waiting: dict[Identity, dict[int, Found]] = {}
    for one in records:
        if one.rejection.parts == 1:
            yield one
        elif (complete := _add(waiting, one)) is not None:
            yield complete


def _add(waiting: dict[Identity, dict[int, Found]], one: Found) -> Found | None:
    identity = one.rejection.identity
    parts = waiting.setdefault(identity, {})
    parts[one.rejection.part] = one
    return _complete(waiting.pop(identity)) if len(parts) == one.rejection.parts else None


def _complete(parts: Mapping[int, Found]) -> Found:
    raw = joined([parts[number].rejection for number in sorted(parts)])
    return replace(parts[0], rejection=raw)
