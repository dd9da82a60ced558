"""Logging of a process, set up once: on stderr, counted, without floods."""

import logging
import logging.config
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pipeline.logs.flood import Flood, kind_of
from pipeline.logs.line import FIELDS, Json, Logfmt
from pipeline.settings import Settings


class Lines(logging.StreamHandler[Any]):
    """Writes lines and counts them. What is CRITICAL is always written."""

    def __init__(self, form: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(form)
        self.counts: Counter[str] = Counter()
        self._flood = Flood()

    def emit(self, record: logging.LogRecord) -> None:
        self.counts[record.levelname] += 1
        missing = self._flood.passes(kind_of(record), record.created)
        if missing:
            said = getattr(record, FIELDS, {})
            setattr(record, FIELDS, {**said, "suppressed": missing})
        if missing is not None or record.levelno >= logging.CRITICAL:
            super().emit(record)


def set_up(settings: Settings, process: str, levels: Mapping[str, str] | None = None) -> Lines:
    """Log from now on; the handler, which knows how much. `levels` by logger; "" is the root, which
    else is at INFO.
    """
    form = Json(process) if settings.log_format == "json" else Logfmt(process)
    lines = Lines(form)
    logging.config.dictConfig(config(lines, levels or {}))
    return lines


def config(lines: Lines, levels: Mapping[str, str]) -> dict[str, Any]:
    """As logging.config takes it, and Faust once more; the handler stays the same."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"stderr": {"()": lambda: lines}},
        "root": {"level": levels.get("", "INFO"), "handlers": ["stderr"]},
        "loggers": {name: {"level": level} for name, level in levels.items() if name},
    }
