"""What pydantic found, as entries of an answer's `errors`, in words for those who post."""

from typing import Any

from pydantic import ValidationError

from pipeline.collector.faults import Place, error

MOST_ERRORS = 5
LONGEST_NAME = 64
OBJECT_EXPECTED = ("model_type", "model_attributes_type")


def body_errors(unreadable: ValueError) -> list[dict[str, Any]]:
    """What is wrong with a body as a whole: pydantic's ValidationError, or a parser's error."""
    if not isinstance(unreadable, ValidationError):
        return [error(("body",), "not_json", f"is not JSON: {unreadable}")]
    return [error(_short(fault["loc"]) or ("body",), *_told(fault))
            for fault in _faults(unreadable)]


def event_errors(index: int, invalid: ValidationError) -> list[dict[str, Any]]:
    """The first faults of one event, one a field. Their places lose the event's type, which
    stands in front, and the types that were tried for a choice, which stand behind.
    """
    by_field: dict[Place, dict[str, Any]] = {}
    for fault in _faults(invalid):
        place = _short(fault["loc"][1:3]) or _no_place(fault["type"])
        by_field.setdefault(place, error(("events", index, *place), *_told(fault)))
    return list(by_field.values())


def _faults(invalid: ValidationError) -> list[Any]:
    """Without the input: NaN in it would make the answer no JSON."""
    faults = invalid.errors(include_url=False, include_context=False, include_input=False)
    return list(faults[:MOST_ERRORS])


def _no_place(type_: str) -> Place:
    return ("type",) if type_.startswith("union_tag") else ()


def _told(fault: Any) -> tuple[str, str]:
    """A fault's type and message, in words for clients where pydantic speaks of classes."""
    type_, place = fault["type"], fault["loc"]
    if type_ in OBJECT_EXPECTED:
        return "object_type", "must be an object"
    if type_.startswith("union_tag"):
        return "event_type", "must be 'heartbeat' or 'quiz'"
    if place[1:2] == ("answers",) and len(place) > 3 and place[3] != "[key]":
        return "choice_type", "must be a choice, a text of up to 200 characters, or a list of them"
    return type_, fault["msg"]


def _short(place: Place) -> Place:
    """A client's own names in the place cannot make the answer long."""
    return tuple(part[:LONGEST_NAME] if isinstance(part, str) else part for part in place)
