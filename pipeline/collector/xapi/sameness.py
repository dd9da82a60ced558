"""Whether two statements of one id are the same: the standard's rules of immutability.

Left out: what a store itself assigns, a verb's display, activities' definitions, attachments.
Alike: a moment in other words, a group's members in another order, one activity or a list of it,
a mail address's domain and UUIDs in other case, a duration beyond a hundredth of a second.
"""

import json
import re
from hashlib import blake2b
from typing import Any, NamedTuple

from pipeline.collector.xapi.shapes import instant

ASSIGNED = ("id", "stored", "authority", "version", "timestamp", "attachments")
MAIL_DOMAIN = re.compile(r"@[^@]*$")
FINER = re.compile(r"([.,]\d\d)\d+(?=S$)")


class Gist(NamedTuple):
    """What two statements must have in common. `at`: microseconds, None where not said."""

    digest: bytes
    at: int | None

    def matches(self, other: "Gist") -> bool:
        """A statement without a timestamp may be one that has been given one since."""
        return self.digest == other.digest and (
            self.at is None or other.at is None or self.at == other.at)


def gist(raw: dict[str, Any]) -> Gist:
    """The gist of a statement whose shape was found good."""
    kept = {name: value for name, value in raw.items() if name not in ASSIGNED}
    said = raw.get("timestamp")
    at = int(instant(said).timestamp() * 1e6) if said is not None else None
    return Gist(blake2b(spelt(_alike("", kept)), digest_size=16).digest(), at)


def _alike(name: str, value: Any) -> Any:
    """The value of the property in the one form that all its forms share."""
    if name == "extensions":
        return value
    if name == "verb":
        return {"id": value["id"]}
    if name == "member":
        return sorted((_alike("", one) for one in value), key=spelt)
    if name == "contextActivities":
        value = {kind: one if isinstance(one, list) else [one] for kind, one in value.items()}
    return _alike_inside(name, value)


def _alike_inside(name: str, value: Any) -> Any:
    match value:
        case dict():
            return {key: _alike(key, inner) for key, inner in value.items()
                    if key not in ("definition", "attachments")}
        case list():
            return [_alike("", one) for one in value]
        case str():
            return _same_text(name, value)
    return value


def _same_text(name: str, text: str) -> str:
    match name:
        case "timestamp":
            return instant(text).isoformat()
        case "mbox":
            return MAIL_DOMAIN.sub(lambda domain: domain[0].lower(), text)
        case "registration" | "mbox_sha1sum":
            return text.lower()
        case "duration":
            return FINER.sub(r"\1", text)
    return text


def spelt(value: Any) -> bytes:
    """JSON as bytes, the same for the same content. Numbers may be longer than orjson writes."""
    return json.dumps(value, sort_keys=True).encode()
