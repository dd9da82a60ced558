"""Records of a topic as JSON objects, read without the project's own models."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from audit.evidence import Stored
from chaos.load.planting import refusal_of
from chaos.unreadable import UnreadableError

Row = Mapping[str, Any]


def rows(records: Iterable[Stored]) -> Iterator[Row]:
    """The records as JSON objects; what was planted is left out.

    Raises:
        UnreadableError: somebody else has written what is none.
    """
    for record in records:
        if refusal_of(record.key) is None:
            yield row(record)


def row(record: Stored) -> Row:
    """One record as a JSON object. Raises UnreadableError."""
    try:
        found = orjson.loads(record.value or b"")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        place = f"partition {record.partition}, offset {record.offset}"
        raise UnreadableError(f"{place}: not a record: {(record.value or b'')[:50]!r}")
    return found
