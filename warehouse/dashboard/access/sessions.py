"""Sessions, kept on the server: the browser holds a random token, here lies only its hash.

SQLite, so that a restart signs nobody out, several processes may serve, and `xueshi accounts`
can end sessions. A password account's rights are read from the accounts file at every request;
an OIDC account's are those of its sign-in, which the time limits bound.
"""

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.private import open_private, private_folder

MINUTE_MS = 60_000
PENDING_MS = 10 * MINUTE_MS   # for a sign-in at the provider
MOST_PENDING = 10_000         # anybody can begin one
SEEN_EVERY_MS = MINUTE_MS     # a session's last request is known to the minute

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, region TEXT NOT NULL,
    sees_names INTEGER NOT NULL, may_query INTEGER NOT NULL,
    stamp TEXT,                 -- of the local account; NULL: signed in at the provider
    csrf TEXT NOT NULL, made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS pending (
    token TEXT PRIMARY KEY, data TEXT NOT NULL, ends_at INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Session:
    """`stamp`: of the local account it was made for; None: OIDC. `csrf`: what forms must send,
    masked.
    """

    account: Account
    stamp: str | None
    csrf: str


class Sessions:
    """Safe for several threads and processes. `clock`: epoch milliseconds."""

    def __init__(
        self, path: Path, clock: Callable[[], int], idle_ms: int, longest_ms: int
    ) -> None:
        self._path = path
        self._clock = clock
        self._idle_ms = idle_ms
        self._longest_ms = longest_ms

    def begin(self, account: Account, stamp: str | None) -> str:
        """A new session; the token for the browser, which is nowhere else."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._db() as db:
            self._forget_old(db, now)
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_hash(token), account.name, account.region, account.sees_names,
                 account.may_query, stamp, secrets.token_urlsafe(32), now, now))
        return token

    def find(self, token: str) -> Session | None:
        """The session, if it still holds; this counts as a request of it."""
        now = self._clock()
        with self._db() as db:
            row = db.execute("SELECT * FROM sessions WHERE token = ?", (_hash(token),)).fetchone()
            if row is None or not self._holds(row["made_at"], row["seen_at"], now):
                return None
            if now - row["seen_at"] >= SEEN_EVERY_MS:
                db.execute("UPDATE sessions SET seen_at = ? WHERE token = ?",
                           (now, row["token"]))
        account = Account(row["name"], row["region"], bool(row["sees_names"]),
                          bool(row["may_query"]))
        return Session(account, row["stamp"], row["csrf"])

    def _holds(self, made_at: int, seen_at: int, now: int) -> bool:
        return now - seen_at < self._idle_ms and now - made_at < self._longest_ms

    def end(self, token: str) -> None:
        """The session is over, whoever still has the token."""
        with self._db() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (_hash(token),))

    def end_all(self, name: str) -> int:
        """End every session of the account; how many there were."""
        with self._db() as db:
            return db.execute("DELETE FROM sessions WHERE name = ?", (name,)).rowcount

    def put_pending(self, token: str, data: dict[str, Any]) -> None:
        """Remember what a sign-in at the provider must come back to; for ten minutes."""
        now = self._clock()
        with self._db() as db:
            self._forget_old(db, now)
            db.execute("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)",
                       (_hash(token), json.dumps(data), now + PENDING_MS))

    def take_pending(self, token: str) -> dict[str, Any]:
        """What was remembered, once; {} if nothing is."""
        with self._db() as db:
            row = db.execute("DELETE FROM pending WHERE token = ? RETURNING data, ends_at",
                             (_hash(token),)).fetchone()
        found: dict[str, Any] = {}
        if row is not None and row["ends_at"] > self._clock():
            found = json.loads(row["data"])
        return found

    def _forget_old(self, db: sqlite3.Connection, now: int) -> None:
        db.execute("DELETE FROM sessions WHERE seen_at <= ? OR made_at <= ?",
                   (now - self._idle_ms, now - self._longest_ms))
        db.execute("""DELETE FROM pending WHERE ends_at <= ? OR token NOT IN (
            SELECT token FROM pending ORDER BY ends_at DESC LIMIT ?)""", (now, MOST_PENDING - 1))

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        """A connection and one transaction: committed if the block succeeds."""
        if not self._path.exists():
            private_folder(self._path.parent)
            os.close(open_private(self._path, os.O_RDWR | os.O_CREAT))
        with closing(sqlite3.connect(self._path, timeout=5.0)) as db, db:
            db.row_factory = sqlite3.Row
            db.executescript(SCHEMA)
            yield db


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
