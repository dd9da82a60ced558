"""Rule 14, generated: however the ledger is cut, repeated and mixed, the state is the same."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schemas.ledger import LedgerEntry
from pipeline.settings import Settings
from tests.warehouse.helpers import DAY, Log, entry, land_all, rows, warehouse

COURSES = ("ideals", "cases", "ethics")
STATE = {
    "ledger": "SELECT teacher_id, seq, kind, course_id, learned, credited FROM ledger",
    "progress": "FROM progress",
    "course_progress": "FROM course_progress",
    "daily": "FROM daily",
    "gaps": "FROM ledger_gaps",
}


@st.composite
def ledgers(draw: st.DrawFn) -> list[list[LedgerEntry]]:
    """A few teachers' entries, each numbered 1, 2, 3 …, with totals that grow."""
    return [_entries(draw, f"t{n}") for n in range(draw(st.integers(1, 3)))]


def _entries(draw: st.DrawFn, teacher: str) -> list[LedgerEntry]:
    totals = dict.fromkeys(COURSES, 0)
    made = []
    kinds = draw(st.lists(st.sampled_from(["enrolled", "started", "learned", "completed"])))
    for seq, kind in enumerate(kinds, 1):
        at = 1_689_825_600_000 + draw(st.integers(0, 3)) * DAY
        if kind == "learned":
            course = draw(st.sampled_from(COURSES))
            totals[course] += (seconds := draw(st.integers(1, 5000)))
            credited = min(totals[course], 5400)
            made.append(entry(teacher, seq, "learned", course, totals[course], credited,
                              seconds, at))
        else:
            made.append(entry(teacher, seq, kind, at=at))  # type: ignore[arg-type]
    return made


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[list[LedgerEntry]], list[list[LedgerEntry]]]:
    """Ledgers, and batches in which they arrive: mixed, and with pieces sent again."""
    told = draw(ledgers())
    waiting = [list(entries) for entries in told if entries]
    stream: list[LedgerEntry] = []
    while waiting:
        one = draw(st.sampled_from(waiting))
        stream.append(one.pop(0))
        if draw(st.booleans()):
            back = draw(st.integers(1, len(stream)))
            stream += stream[-back:]  # a producer that crashed sends its last records again
        waiting = [entries for entries in waiting if entries]
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=3)))
    edges = [0, *cuts, len(stream)]
    return told, [stream[a:b] for a, b in pairwise(edges)]


def landed(batches: list[list[LedgerEntry]]) -> dict[str, list[tuple[object, ...]]]:
    with TemporaryDirectory() as folder, warehouse(Settings(var_dir=Path(folder))) as db:
        log = Log()
        for batch in batches:
            land_all(db, log.ledger(*batch))
        return {name: rows(db, f"{sql} ORDER BY ALL") for name, sql in STATE.items()}


@settings(max_examples=25, deadline=None)
@given(deliveries())
def test_rule_14_batches_repeats_and_mixing_do_not_matter(
    case: tuple[list[list[LedgerEntry]], list[list[LedgerEntry]]],
) -> None:
    told, batches = case
    state = landed(batches)
    assert state == landed([[one for entries in told for one in entries]])
    assert state["gaps"] == []
    credited = {
        (e.teacher_id, e.course_id): (e.learned, e.credited)
        for entries in told for e in entries if e.course_id
    }
    assert {(row[0], row[2]): row[3:5] for row in state["course_progress"]} == credited
