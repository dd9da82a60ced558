"""Tells Kafka where the loader stands, for those who look at consumer groups.

The loader's place is in DuckDB, in one transaction with its rows, and nothing is ever read from
here; so a note that fails or is late harms nothing. Any tool that shows groups sees the loader by
it, and by the time in it whether the loader lives (pipeline/lag/groups.py reads it).
"""

import json
import logging
import os
import socket
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition

from pipeline.broker.errors import BrokerError
from pipeline.broker.lag import patiently
from pipeline.broker.topics import connected

log = logging.getLogger(__name__)

NOTE_S = 1.0       # after a landing at most
ALIVE_S = 10.0     # without one
LEAVE_S = 2.0

Offsets = Mapping[tuple[str, int], int]


class Notes:
    """Written by a thread of their own, as `with`. `clock`: epoch ms."""

    def __init__(self, bootstrap: str, group: str, clock: Callable[[], int]) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._clock = clock
        self._by = f"{socket.gethostname()}:{os.getpid()}"
        self._offsets: dict[tuple[str, int], int] = {}
        self._over = Event()
        self._new = Event()
        self._thread = Thread(target=self._write_for_ever, name="notes", daemon=True)

    def __enter__(self) -> "Notes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._new.set()
        self._thread.join(LEAVE_S)

    def landed(self, offsets: Offsets) -> None:
        """These are committed in DuckDB: (topic, partition) → the offset that is read next."""
        self._offsets = {**self._offsets, **offsets}
        self._new.set()

    def _write_for_ever(self) -> None:
        while not self._over.is_set():
            self._new.wait(ALIVE_S)
            self._new.clear()
            self._write()
            self._over.wait(NOTE_S)

    def _write(self) -> None:
        note = json.dumps({"by": self._by, "at": self._clock()})
        told = {TopicPartition(*place): OffsetAndMetadata(offset, note, None)
                for place, offset in self._offsets.items()}
        try:
            with connected(self._bootstrap) as admin:
                patiently(lambda: _commit(admin, self._group, told))
        except BrokerError as error:
            log.debug("no note of the loader's offsets: %s", error)
            self._new.set()  # soon again


def _commit(admin: Any, group: str, told: Mapping[Any, Any]) -> None:
    for error in admin.alter_group_offsets(group, told).values():
        if error.errno:
            raise error
