"""Checks that a publication must pass: each file of checks/ lists what is wrong.

Its first line says `-- #fail: meaning` (stops the publication) or `-- #warn: meaning` (is told,
with the numbers, and published all the same). It yields one text column, `found`.

A check that groups the entries of the whole country by teacher would need tens of gigabytes at
once. So it says `hash(teacher_id) % getvariable('parts') = getvariable('part')`, and is run part
by part.
"""

import re
from pathlib import Path
from typing import Literal, NamedTuple

from duckdb import DuckDBPyConnection

from warehouse.errors import WarehouseError

Severity = Literal["fail", "warn"]
CHECKS = Path(__file__).parent / "checks"
ENTRIES_A_PART = 32_000_000  # of the ledger: two gigabytes or so


class Finding(NamedTuple):
    """What a check found: how many cases, and one of them."""

    check: str
    severity: Severity
    meaning: str
    cases: int
    example: str

    def __str__(self) -> str:
        return f"{self.check}: {self.meaning}: {self.cases}, e.g. {self.example}"

    def for_log(self) -> str:
        """As `str`, and no teacher is named."""
        return f"{self.check}: {self.without_ids()}; `xueshi warehouse check` names one"

    def without_ids(self) -> str:
        """For the manifest, which every bureau reads: no teacher is named."""
        return f"{self.meaning}: {self.cases}"


class CheckFailedError(WarehouseError):
    """A publication would have been wrong; nothing was published. `for_log` names nobody."""

    def __init__(self, bad: list[Finding]) -> None:
        why = "not published, the last good publication stays: "
        super().__init__(why + "; ".join(map(str, bad)))
        self.for_log = why + "; ".join(finding.for_log() for finding in bad)


def findings(db: DuckDBPyConnection) -> list[Finding]:
    """What all checks find, in the tables of a snapshot and of publication.sql."""
    db.execute("SET VARIABLE parts = (SELECT 1 + count(*) // ? FROM ledger)", [ENTRIES_A_PART])
    every = (_run(db, path) for path in sorted(CHECKS.glob("*.sql")))
    return [finding for finding in every if finding is not None]


def require_good(found: list[Finding]) -> None:
    """Raises CheckFailedError if any finding stops a publication."""
    bad = [finding for finding in found if finding.severity == "fail"]
    if bad:
        raise CheckFailedError(bad)


def _run(db: DuckDBPyConnection, path: Path) -> Finding | None:
    text = path.read_text(encoding="utf-8")
    head = _head(path, text)
    found = [_found(db, text, part) for part in range(_parts(db, text))]
    cases = sum(cases for cases, _ in found)
    if not cases:
        return None
    return Finding(path.stem, _severity(head), head[2], cases,
                   min(one for _, one in found if one))


def severity(path: Path) -> Severity:
    """What the check's findings mean."""
    return _severity(_head(path, path.read_text(encoding="utf-8")))


def _severity(head: re.Match[str]) -> Severity:
    return "fail" if head[1] == "fail" else "warn"


def _head(path: Path, text: str) -> re.Match[str]:
    head = re.match(r"-- #(fail|warn): (.+)\n", text)
    if not head:
        raise WarehouseError(f"{path}: must begin with `-- #fail: …` or `-- #warn: …`")
    return head


def _parts(db: DuckDBPyConnection, text: str) -> int:
    """How often a check is run, each time for a part of the teachers."""
    row = db.execute("SELECT getvariable('parts')").fetchone() if "('part')" in text else None
    return int(row[0]) if row else 1


def _found(db: DuckDBPyConnection, text: str, part: int) -> tuple[int, str]:
    """How many cases a part has, and the first of them."""
    db.execute("SET VARIABLE part = ?::BIGINT", [part])
    row = db.execute(f"SELECT count(*), min(found) FROM ({text})").fetchone()
    return row or (0, "")
