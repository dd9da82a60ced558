"""The access log: who read what. One file a day, one line of JSON each, on disk before the
reader gets anything.

It names accounts and what they asked for, and is for those who answer for the data; like every
file of the access package it is its owner's only. Nothing here deletes it: how long it is kept
is the bureau's decision.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from warehouse.dashboard.access.private import open_private, private_folder
from warehouse.snapshot import sync_folder

ZONE = timezone(timedelta(hours=8))  # Asia/Shanghai, which has no summer time
NAME = re.compile(r"access-(\d{4}-\d{2}-\d{2})\.jsonl")


class AccessLog:
    """Appends to the file of the day. Safe for several threads and processes: every line is one
    write at the file's end.

    `clock`: epoch milliseconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], int]) -> None:
        self._folder = folder
        self._clock = clock

    def write(self, **fields: Any) -> None:
        """Add a line; it is on disk when this returns. Fields that are None are left out.

        Raises:
            OSError: it is not; then what it tells of must not happen.
        """
        now = datetime.fromtimestamp(self._clock() / 1000, ZONE)
        told = {key: value for key, value in fields.items() if value is not None}
        line = orjson.dumps({"at": now.isoformat(timespec="milliseconds"), **told})
        self._append(self._folder / f"access-{now.date()}.jsonl", line + b"\n")

    def _append(self, path: Path, line: bytes) -> None:
        new = not path.exists()
        private_folder(path.parent)
        handle = open_private(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            line = (b"\n" if _is_cut_short(handle) else b"") + line
            if os.write(handle, line) != len(line):
                raise OSError(f"{path}: only half a line could be written")
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            sync_folder(path.parent)


def _is_cut_short(handle: int) -> bool:
    """Whether the file ends in the middle of a line, as a full disk or a power cut leaves it."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def days(folder: Path) -> list[date]:
    """The days that have a file, in order."""
    if not folder.is_dir():
        return []
    found = (NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted(date.fromisoformat(match[1]) for match in found if match)


def lines(folder: Path, day: date) -> Iterator[dict[str, Any]]:
    """What the day's file tells, in order; a line that a crash cut short is left out."""
    path = folder / f"access-{day}.jsonl"
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
