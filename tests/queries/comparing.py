"""Rows as text, and what differs between those expected and those found."""

import difflib
import re
from typing import Any

import duckdb

from tests.queries.case import NULL, Rows

NAMED = re.compile(r"[a-z_]\w*")  # DuckDB calls a column without a name by its expression


def as_text(value: Any) -> str:
    """A value of DuckDB as a case writes it."""
    match value:
        case None:
            return NULL
        case bool():
            return str(value).lower()
        case bytes():
            return value.decode()
        case dict():
            return f"{{{', '.join(f'{key}: {as_text(one)}' for key, one in value.items())}}}"
        case list():
            return f"[{', '.join(map(as_text, value))}]"
    return str(value)


def differences(what: str, expected: Rows, found: Rows, ordered: bool) -> list[str]:
    """At most one text: both tables line by line, `-` what is missing, `+` what is too much."""
    names = [theirs if NAMED.fullmatch(theirs) else ours
             for ours, theirs in zip(expected.columns, found.columns, strict=False)]
    if expected.columns != [*names, *found.columns[len(names):]]:
        return [f"{what}: columns {', '.join(found.columns)}"
                f" instead of {', '.join(expected.columns)}"]
    want, have = (rows if ordered else sorted(rows) for rows in (expected.rows, found.rows))
    if want == have:
        return []
    lines = _aligned([expected.columns, *want, *have])
    shown = difflib.ndiff(lines[1:len(want) + 1], lines[len(want) + 1:])
    diff = [line for line in shown if not line.startswith("?")]
    return [f"{what}: - expected, + found\n  {lines[0]}\n" + "\n".join(diff)]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows]


def is_ordered(statement: str) -> bool:
    """Whether a statement as a whole has an ORDER BY, so that the order of its rows is meant."""
    bare = re.sub(r"--.*", "", statement)
    while (outer := re.sub(r"\([^()]*\)", "", bare)) != bare:
        bare = outer
    return "ORDER BY" in bare


def made_in_order(script: str, table: str) -> bool:
    """Whether the script makes the table with rows in an order."""
    makes = re.compile(rf"CREATE (OR REPLACE )?(TEMP )?TABLE (\w+\.)?{table}\b")
    return any(is_ordered(one.query) for one in duckdb.extract_statements(script)
               if makes.search(one.query))
