"""Checks that a publication must pass: each file of checks/ lists what is wrong.

Its first line says `-- #fail: meaning` (stops the publication) or `-- #warn: meaning` (is told,
with the numbers, and published all the same). It yields one text column, `found`.
"""

import re
from pathlib import Path
from typing import Literal, NamedTuple

from duckdb import DuckDBPyConnection

from warehouse.errors import WarehouseError

CHECKS = Path(__file__).parent / "checks"


class Finding(NamedTuple):
    """What a check found: how many cases, and one of them."""

    check: str
    severity: Literal["fail", "warn"]
    meaning: str
    cases: int
    example: str

    def __str__(self) -> str:
        return f"{self.check}: {self.meaning}: {self.cases}, e.g. {self.example}"

    def without_ids(self) -> str:
        """For the manifest, which every bureau reads: no teacher is named."""
        return f"{self.meaning}: {self.cases}"


class CheckFailedError(WarehouseError):
    """A publication would have been wrong; nothing was published."""


def findings(db: DuckDBPyConnection) -> list[Finding]:
    """What all checks find, in the tables of a snapshot and of publication.sql."""
    every = (_run(db, path) for path in sorted(CHECKS.glob("*.sql")))
    return [finding for finding in every if finding is not None]


def require_good(found: list[Finding]) -> None:
    """Raises CheckFailedError if any finding stops a publication."""
    bad = [str(finding) for finding in found if finding.severity == "fail"]
    if bad:
        raise CheckFailedError(
            "not published, the last good publication stays: " + "; ".join(bad))


def _run(db: DuckDBPyConnection, path: Path) -> Finding | None:
    text = path.read_text(encoding="utf-8")
    head = re.match(r"-- #(fail|warn): (.+)\n", text)
    if not head:
        raise WarehouseError(f"{path}: must begin with `-- #fail: …` or `-- #warn: …`")
    row = db.execute(f"SELECT count(*), min(found) FROM ({text})").fetchone()
    if row is None or not row[0]:
        return None
    severity: Literal["fail", "warn"] = "fail" if head[1] == "fail" else "warn"
    return Finding(path.stem, severity, head[2], row[0], row[1])
