"""A ledger with a gap, a resource learned twice, or wrong sums is found."""

from collections.abc import Callable
from typing import Any

import pytest

from chaos.copies.logs import Books, bound
from chaos.invariants.ledger import broken_books
from chaos.rows import rows
from tests.chaos.summer import Summer


def books(made: Summer) -> Books:
    return bound(rows(made.topics["ledger"].records))[0]


def broken_by(made: Summer, change: Callable[[dict[int, Any]], None]) -> set[str]:
    """What is found where one book of many entries is changed."""
    mine = books(made)
    place = max(mine, key=lambda place: len(mine[place]))
    book: dict[int, Any] = {seq: dict(entry) for seq, entry in mine[place].items()}
    change(book)
    return {broken.invariant for broken in broken_books({**mine, place: book})}


def last_learned(book: dict[int, Any]) -> dict[str, Any]:
    found: dict[str, Any] = [row for row in book.values() if row["kind"] == "learned"][-1]
    return found


def test_rule_14_a_good_ledger_has_nothing_broken(one_summer: Summer) -> None:
    assert list(broken_books(books(one_summer))) == []
    assert sum(map(len, books(one_summer).values())) > 200


def test_a_missing_number_is_found(one_summer: Summer) -> None:
    assert "ledger without a gap" in broken_by(one_summer, lambda book: book.pop(2) and None)
    assert "ledger without a gap" in broken_by(one_summer, lambda book: book.pop(1) and None)


def test_rule_12_a_resource_that_is_learned_twice_is_found(one_summer: Summer) -> None:
    def twice(book: dict[int, Any]) -> None:
        again = dict(last_learned(book))
        course = [row for row in book.values() if row.get("course_id") == again["course_id"]]
        book[len(book) + 1] = {**again, "credited": course[-1]["credited"],
                               "learned": course[-1]["learned"] + again["seconds"]}

    assert broken_by(one_summer, twice) == {"nothing credited twice"}


@pytest.mark.parametrize("change", [
    lambda row: row.update(learned=row["learned"] + 1),
    lambda row: row.update(seconds=row["seconds"] - 1),
    lambda row: row.update(credited=-1),
])
def test_sums_that_do_not_follow_are_found(
    one_summer: Summer, change: Callable[[dict[str, Any]], None]
) -> None:
    assert broken_by(one_summer, lambda book: change(last_learned(book))) == {"ledger adds up"}
