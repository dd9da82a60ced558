"""Where each record goes, and what of it: pure.

Teachers go where the hash says. What was refused stays refused: rows on a partition where their
teacher did not live go to one where they do not live either, and what nobody can read stays whole.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from pipeline.schemas.packed import COLUMNS, is_packed, packed, values
from pipeline.schemas.partitioning import partition_of


@dataclass(frozen=True, slots=True)
class Split:
    """From `before` partitions to `after`, of which there must be two or more."""

    before: int
    after: int

    def home(self, teacher_id: object, source: int) -> int:
        """The new partition of what stands on the old partition `source`."""
        if not isinstance(teacher_id, str):
            return source % self.after
        there = partition_of(teacher_id, self.after)
        if partition_of(teacher_id, self.before) == source:
            return there
        return (there + 1) % self.after

    def one(self, raw: bytes | None, source: int) -> list[tuple[int, bytes | None]]:
        """A record about one teacher, as (new partition, value)."""
        body = _read(raw)
        teacher = body.get("teacher_id") if isinstance(body, dict) else None
        return [(self.home(teacher, source), raw)]

    def batch(self, raw: bytes | None, source: int) -> list[tuple[int, bytes | None]]:
        """A record of telemetry, taken apart by its rows, whose order stays."""
        body = _read(raw)
        if not _lines_up(body):
            return [(source % self.after, raw)]
        rows, quizzes = self._rows(body, source), self._quizzes(body, source)
        homes = sorted({*rows, *quizzes})
        if len(homes) <= 1:
            return [(homes[0] if homes else source % self.after, raw)]
        write = _packed if raw is not None and is_packed(raw) else _batch
        return [(home, write(body, rows.get(home, []), quizzes.get(home, []))) for home in homes]

    def _rows(self, body: dict[str, Any], source: int) -> dict[int, list[int]]:
        """Numbers of rows by new partition."""
        found = defaultdict(list)
        for number, teacher in enumerate(body["teacher_id"]):
            found[self.home(teacher, source)].append(number)
        return found

    def _quizzes(self, body: dict[str, Any], source: int) -> dict[int, list[Any]]:
        found = defaultdict(list)
        for quiz in body.get("quizzes", ()):
            teacher = quiz.get("teacher_id") if isinstance(quiz, dict) else None
            found[self.home(teacher, source)].append(quiz)
        return found


def _read(raw: bytes | None) -> Any:
    try:
        return values(raw or b"")
    except ValueError:
        return None


def _lines_up(body: Any) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("quizzes", []), list):
        return False
    columns = [body.get(name) for name in COLUMNS]
    return len({len(one) if isinstance(one, list) else -1 for one in columns} | {-1}) == 2


def _batch(body: dict[str, Any], rows: list[int], quizzes: list[Any]) -> bytes:
    columns = {name: [body[name][number] for number in rows] for name in COLUMNS}
    return to_json({**body, **columns, "quizzes": quizzes}, inf_nan_mode="constants")


def _packed(body: dict[str, Any], rows: list[int], quizzes: list[Any]) -> bytes:
    return packed([tuple(body[name][number] for name in COLUMNS) for number in rows],
                  to_json(quizzes, inf_nan_mode="constants"))
