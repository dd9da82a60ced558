"""The cases can only be trusted if a difference is seen, and seen as what it is."""

import pytest

from tests.queries.case import Rows
from tests.queries.comparing import as_text, differences, is_ordered, made_in_order

TWO = Rows(["a", "b"], [["1", "x"], ["2", r"\N"]])


@pytest.mark.parametrize("found", [
    Rows(["a", "b"], [["1", "x"]]),
    Rows(["a", "b"], [["1", "x"], ["2", ""]]),
    Rows(["a", "b"], [["1", "x"], ["2", r"\N"], ["2", r"\N"]]),
    Rows(["a", "c"], TWO.rows),
    Rows(["b", "a"], TWO.rows),
    Rows(["a"], [["1"], ["2"]]),
    Rows(["a", "b", "c"], [["1", "x", "y"], ["2", r"\N", "y"]]),
], ids=["missing", "no NULL", "twice", "named elsewise", "places", "too few", "too many columns"])
def test_what_differs_is_told(found: Rows) -> None:
    assert differences("it", TWO, found, ordered=False)


def test_a_column_without_a_name_may_be_called_anything() -> None:
    assert not differences("it", TWO, Rows(["a", "sum(x)"], TWO.rows), ordered=True)


def test_order_counts_only_where_it_is_meant() -> None:
    turned = Rows(TWO.columns, TWO.rows[::-1])
    assert not differences("it", TWO, turned, ordered=False)
    assert differences("it", TWO, turned, ordered=True)


def test_a_difference_can_be_read() -> None:
    [text] = differences("the rows", TWO, Rows(TWO.columns, [["1", "x"], ["30", "y"]]), True)
    assert text.splitlines() == [
        "the rows: - expected, + found", "  a  | b ", "  1  | x ", r"- 2  | \N", "+ 30 | y "]


@pytest.mark.parametrize(("statement", "ordered"), [
    ("SELECT a FROM t ORDER BY a", True),
    ("SELECT a FROM t -- ORDER BY a", False),
    ("SELECT sum(a) OVER (ORDER BY b) FROM (FROM t ORDER BY (a + 1))", False),
    ("FROM (FROM t)\nORDER BY lower(a)", True),
])
def test_only_an_order_of_the_whole_statement_is_meant(statement: str, ordered: bool) -> None:
    assert is_ordered(statement) is ordered


def test_each_statement_of_a_script_has_an_order_of_its_own() -> None:
    script = "CREATE TABLE out.a AS FROM t ORDER BY x; CREATE TEMP TABLE b AS FROM t;"
    assert made_in_order(script, "a")
    assert not made_in_order(script, "b")


def test_values_as_a_case_writes_them() -> None:
    assert [as_text(v) for v in (None, "", True, 5, b"x", [1, None], {"a": None})] == [
        r"\N", "", "true", "5", "x", r"[1, \N]", r"{a: \N}"]
