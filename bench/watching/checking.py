"""Is what an engine has put out what it should have?"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple, TypeVar

import orjson

from audit.evidence import stored
from bench.watching.truth import Done, Full

P = TypeVar("P", bound=Hashable)


class Verdict(NamedTuple):
    """`repeats`: records that say what another one has said; `fault`: why the figure is void."""

    records: int
    repeats: int
    fault: str | None


def compare(found: Iterable[P], truth: set[P]) -> Verdict:
    """Repeats are allowed; nothing may be missing, and nothing be there beside."""
    times = Counter(found)
    wrong = {"missing": truth - times.keys(), "too many": times.keys() - truth}
    faults = [f"{len(some):,} {word}, as {min(some, key=repr)}"
              for word, some in wrong.items() if some]
    records = sum(times.values())
    return Verdict(records, records - len(times), "; ".join(faults) or None)


def full_views(kafka: str, topic: str) -> Iterator[Full]:
    """What a peer has put out. Raises BrokerError; ValueError, KeyError: not as agreed."""
    for record in stored(kafka, topic):
        told = orjson.loads(record.value or b"")
        yield told["teacher_id"], told["resource_id"]


def completions(kafka: str, topic: str) -> Iterator[Done]:
    """What xueshi's worker has put out as done. Raises BrokerError."""
    for record in stored(kafka, topic):
        told = orjson.loads(record.value or b"")
        if told["status"] == "done":
            yield told["teacher_id"], told["programme_id"], told["resource_id"]
