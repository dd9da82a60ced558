"""One event as one line: logfmt or JSON. Pure."""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIELDS = "fields"
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/+@%")


def fields(**named: object) -> Mapping[str, Any]:
    """The `extra` of a logging call: what a line can be found by. Of an input record its topic,
    partition and offset; of a person, nothing.
    """
    return {FIELDS: named}


def content(record: logging.LogRecord, process: str) -> dict[str, Any]:
    """What the line says, in its order."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    said = {
        "at": at.replace("+00:00", "Z"), "level": record.levelname.lower(), "process": process,
        "logger": record.name, "msg": record.getMessage(), **getattr(record, FIELDS, {}),
    }
    if record.exc_info:
        said["trace"] = "".join(traceback.format_exception(*record.exc_info)).strip()
    return said


class Json(logging.Formatter):
    """A JSON object."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(content(record, self._process), ensure_ascii=False, default=str)


class Logfmt(Json):
    """key=value …, values in quotes where they have more than letters and digits."""

    def format(self, record: logging.LogRecord) -> str:
        said = content(record, self._process)
        return " ".join(f"{key}={_value(value)}" for key, value in said.items())


def _value(value: object) -> str:
    text = str(value)
    if text and PLAIN.issuperset(text):
        return text
    return json.dumps(text, ensure_ascii=False)
