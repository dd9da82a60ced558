"""The ledger: numbered without a gap, nothing credited twice, totals that are sums of parts."""

from collections import Counter
from collections.abc import Iterator, Mapping

from chaos.copies.logs import Book, Books
from chaos.invariants.broken import Broken


def broken_books(books: Books) -> Iterator[Broken]:
    """What is wrong with entries that are known to be there once each."""
    for (teacher, programme), book in sorted(books.items()):
        where = f"{teacher} in {programme}"
        yield from _gaps(where, book)
        yield from _twice(where, book)
        yield from _totals(where, book)


def _gaps(where: str, book: Book) -> Iterator[Broken]:
    if missing := sorted({*range(1, max(book) + 1)} - book.keys()):
        yield Broken("ledger without a gap", where, f"numbers {missing} are missing")


def _twice(where: str, book: Book) -> Iterator[Broken]:
    learned = Counter(row.get("resource_id") for row in book.values() if row["kind"] == "learned")
    for resource, times in learned.items():
        if times > 1:
            yield Broken("nothing credited twice", where, f"{resource} was learned {times} times")


def _totals(where: str, book: Book) -> Iterator[Broken]:
    """Per course: learned goes up by each entry's seconds, and credited never goes down, but for
    what people decide, which may move both to anywhere.
    """
    learned: dict[str, int] = {}
    credited: dict[str, int] = {}
    for seq, row in sorted(book.items()):
        course = row.get("course_id")
        if course is None:
            continue
        learned[course] = learned.get(course, 0) + row.get("seconds", 0)
        said, before = _amounts(row), credited.get(course, 0)
        follows = said == (learned[course], max(before, said[1]))
        if row["kind"] in ("learned", "credited") and not follows:
            yield Broken("ledger adds up", f"{where}, {course}, number {seq}",
                         f"says learned and credited are {said}; {learned[course]} s are learned"
                         f" so far, and {before} s were credited before")
        learned[course], credited[course] = said


def _amounts(row: Mapping[str, int]) -> tuple[int, int]:
    return row.get("learned", 0), row.get("credited", 0)
