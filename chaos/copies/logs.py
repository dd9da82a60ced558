"""Copy (c): `completions` and `ledger`, without their repeats.

A record may be repeated after a crash, but never say anything else than the first time; its
identity is (teacher, programme, resource, status), and (teacher, programme, seq). That no number
is missing and that the sums follow from each other, invariants/ledger.py looks after.
"""

from collections.abc import Iterable, Mapping

from audit.evidence import stored
from chaos.copies.crediting import done_figures
from chaos.copies.figures import CREDIT, Copy, Difference, Figures, Key
from chaos.rows import Row, rows
from pipeline.schemas.topics import COMPLETIONS, LEDGER
from pipeline.settings import Settings
from simulator.catalogue import Catalogue

Book = Mapping[int, Row]
Books = dict[tuple[str, str], dict[int, Row]]
"""Ledger entries by (teacher, programme) and number."""


def read_completions(settings: Settings, bootstrap: str, catalogue: Catalogue) -> Copy:
    """What is done by `completions`. Raises BrokerError."""
    records = rows(stored(bootstrap, settings.topic(COMPLETIONS.name)))
    return of_completions(records, catalogue)


def read_ledger(settings: Settings, bootstrap: str, catalogue: Catalogue) -> Copy:
    """What is credited by `ledger`. Raises BrokerError."""
    return of_ledger(rows(stored(bootstrap, settings.topic(LEDGER.name))), catalogue)


def of_completions(records: Iterable[Row], catalogue: Catalogue) -> Copy:
    """The records of `completions` as a copy."""
    seen: dict[tuple[str, str, str, str], Row] = {}
    broken = []
    for row in records:
        key = (row["teacher_id"], row["programme_id"], row["resource_id"], row["status"])
        if seen.setdefault(key, row) != row:
            broken.append(Difference("completions", *key[:3], "a repeat says otherwise",
                                     seen[key], row))
    done = {key[:3] for key in seen if key[3] == "done"}
    figures = done_figures(catalogue, done)
    return Copy("completions", frozenset({"done", "counted"}), figures, broken)


def of_ledger(records: Iterable[Row], catalogue: Catalogue) -> Copy:
    """The entries of `ledger` as a copy."""
    books, broken = bound(records)
    figures: Figures = {}
    videos = {video.id for p in catalogue.programmes.values() for video in p.videos}
    for place, book in books.items():
        figures |= _figures(place, book, videos)
    return Copy("ledger", CREDIT | {"counted"}, figures, broken)


def bound(records: Iterable[Row]) -> tuple[Books, list[Difference]]:
    """The entries as books, and repeats that say anything else."""
    books: Books = {}
    broken = []
    for row in records:
        place = (row["teacher_id"], row["programme_id"])
        first = books.setdefault(place, {}).setdefault(row["seq"], row)
        if first != row:
            broken.append(Difference("ledger", *place, f"number {row['seq']}",
                                     "a repeat says otherwise", first, row))
    return books, broken


def _figures(place: tuple[str, str], book: Book, videos: set[str]) -> Figures:
    figures: Figures = {}
    credited: dict[str, int] = {}
    completed = False
    for _, row in sorted(book.items()):
        completed = completed or row["kind"] == "completed"
        if (course := row.get("course_id")) is not None:
            credited[course] = row.get("credited", 0)
            figures[Key("learned", *place, course)] = row.get("learned", 0)
            figures[Key("credited", *place, course)] = credited[course]
        if row["kind"] == "learned" and row.get("resource_id") in videos:
            figures[Key("counted", *place, row["resource_id"])] = 1
    figures[Key("recognised", *place, "")] = sum(credited.values()) if completed else 0
    return figures
