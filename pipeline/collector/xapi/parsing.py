"""A request's body as statements, or what is wrong with it and where."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import ValidationError
from pydantic_core import from_json

from pipeline.collector.faults import Place, RefusedError, error, refused
from pipeline.collector.xapi.faults import XapiFault
from pipeline.collector.xapi.sameness import spelt
from pipeline.collector.xapi.shapes import TAGGED, Statement

MOST_ERRORS = 5
LONGEST_NAME = 64


class Told(NamedTuple):
    """A statement: its id, as it was sent, and by its shape."""

    id: str
    raw: dict[str, Any]
    said: Statement


def parse(body: bytes, whose: str, most: int) -> list[Told]:
    """The statements of a POST, one or a list of at most `most`. `whose`: who sent it.

    Raises:
        RefusedError: 400 for what is no statement, 413 for too many.
    """
    content = _json(body)
    if not isinstance(content, list):
        return [_told(content, ("statement",), whose)]
    if len(content) > most:
        raise refused(XapiFault.TOO_MANY_STATEMENTS, ("body",),
                      f"more than {most} statements: send them in several posts")
    told = [_told(one, ("statements", index), whose) for index, one in enumerate(content)]
    _require_different(told)
    return told


def parse_one(body: bytes, statement_id: str) -> Told:
    """The statement of a PUT to `statement_id`. Raises RefusedError (400)."""
    content = _json(body)
    said = content.get("id") if isinstance(content, dict) else None
    if isinstance(said, str) and said.lower() != statement_id.lower():
        raise refused(XapiFault.OTHER_ID, ("statement", "id"), "is not the `statementId`")
    told = _told(content, ("statement",), "")
    return told._replace(id=statement_id.lower())


def _json(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as unreadable:
        raise refused(XapiFault.NOT_JSON, ("body",), f"is not JSON: {unreadable}") from None


def _told(content: Any, place: Place, whose: str) -> Told:
    for null in _nulls(content):
        raise refused(XapiFault.MALFORMED, (*place, *_short(null)), "must not be null")
    try:
        said = Statement.model_validate(content)
    except ValidationError as invalid:
        errors = [error((*place, *_short(fault["loc"])), XapiFault.MALFORMED.type, _worded(fault))
                  for fault in invalid.errors(include_url=False, include_input=False)]
        raise RefusedError(XapiFault.MALFORMED.status, errors[:MOST_ERRORS]) from invalid
    return Told(said.id.lower() if said.id else _new_id(content, whose), content, said)


def _new_id(content: dict[str, Any], whose: str) -> str:
    """An id for a statement that has none. One with a timestamp, sent again, gets the same: what
    happened in the same millisecond is the same. Without, each is a new one.
    """
    if "timestamp" not in content:
        return str(uuid4())
    return str(uuid5(NAMESPACE_URL, f"{whose} {spelt(content).decode()}"))


def _nulls(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where null stands, which only extensions may hold."""
    match value:
        case None:
            yield place
        case dict():
            for name, inner in value.items():
                if name != "extensions":
                    yield from _nulls(inner, (*place, name))
        case list():
            for index, inner in enumerate(value):
                yield from _nulls(inner, (*place, index))


def _worded(fault: Any) -> str:
    if fault["type"] in {"model_type", "model_attributes_type"}:
        return "must be an object"
    if fault["type"].startswith("union_tag"):
        return "must be an object whose `objectType` may stand here"
    return str(fault["msg"]).removeprefix("Value error, ")


def _short(place: Place) -> Place:
    """Without the kinds that were chosen; a client's own names cannot make an answer long."""
    return tuple(part[:LONGEST_NAME] if isinstance(part, str) else part for part in place
                 if not (isinstance(part, str) and part.startswith(TAGGED)))


def _require_different(told: list[Told]) -> None:
    seen: set[str] = set()
    for index, one in enumerate(told):
        if one.said.id and one.id in seen:
            raise refused(XapiFault.SAME_ID_TWICE, ("statements", index, "id"),
                          "another statement of this batch has the same id")
        seen.add(one.id)
