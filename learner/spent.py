"""Passes that are over before they expire: tickets that were used, visits that were left.

SQLite, so that it holds across restarts and for several processes on one machine.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from learner.passes import Pass

SCHEMA = "CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT"


class Spent:
    """Safe for several threads and processes. Raises sqlite3.Error or OSError if the disk fails."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def spend(self, one: Pass, now: int) -> bool:
        """Use the pass up; whether it was not used up before. `now`: epoch ms."""
        with self._db() as db:
            db.execute("DELETE FROM spent WHERE until <= ?", (now,))
            return db.execute("INSERT OR IGNORE INTO spent VALUES (?, ?)",
                              (one.id, one.expires_at)).rowcount == 1

    def is_spent(self, one: Pass) -> bool:
        with self._db() as db:
            return db.execute("SELECT 1 FROM spent WHERE id = ?", (one.id,)).fetchone() is not None

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        """A connection and one transaction: committed if the block succeeds."""
        if not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(self._path, timeout=5.0)) as db, db:
            db.execute(SCHEMA)
            yield db
